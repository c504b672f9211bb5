import { Injectable } from '@nestjs/common';
import { DomainError, newId, type Micros } from '@holdfast/kernel';
import { runToEnd } from '@holdfast/platform/temporal';
import { changeDocument } from '@holdfast/workflows/register/change-document/contract';
import { Client } from '@temporalio/client';
import type { z } from 'zod';
import type { Expected, Version } from './core/document';
import { RegisterStore, type StoredVersion } from './register.store';

/** How old a cached document may be, in milliseconds: what a writer changed is seen everywhere after that. */
export const STALENESS_MS = 1_000;

/** Documents read at once where all are read. */
const PAGE = 1_000;

/** One kind of document: its name in the register and the shape of its bodies. */
export interface DocumentKind<T> {
  readonly kind: string;
  readonly body: z.ZodType<T>;
}

/** Versioned documents of every kind: read, list, change, history. */
@Injectable()
export class RegisterService {
  private readonly collections = new Map<
    string,
    { readonly readAt: number; readonly changes: string; readonly found: Map<string, Version<unknown>> }
  >();
  private readonly readings = new Map<string, Promise<Map<string, Version<unknown>>>>();
  private readonly cache = new Map<string, { readonly readAt: number; readonly found: Version<unknown> }>();

  constructor(
    private readonly store: RegisterStore,
    private readonly temporal: Client,
  ) {}

  /**
   * The newest versions of several documents, at most {@link STALENESS_MS} old; those that do not exist are left out, which is always asked anew.
   * @param fresh asks for all of them anew
   */
  async currentOf<T>(of: DocumentKind<T>, ids: Iterable<string>, fresh = false): Promise<Map<string, Version<T>>> {
    const found = new Map<string, Version<T>>();
    const asked: string[] = [];
    const readAt = performance.now();
    for (const id of ids) {
      const cached = fresh ? undefined : this.cache.get(`${of.kind}/${id}`);
      if (cached && readAt - cached.readAt < STALENESS_MS) found.set(id, cached.found as Version<T>);
      else asked.push(id);
    }
    if (asked.length === 0) return found;
    for (const row of await this.store.currentOf(of.kind, asked)) {
      const document = version(of, row);
      this.cache.set(`${of.kind}/${row.id}`, { readAt, found: document });
      found.set(row.id, document);
    }
    return found;
  }

  /**
   * The newest version of every document of a kind by id, at most {@link STALENESS_MS} old: what exists no longer than that may be missing. The same map, and
   * the same bodies in it, until something has changed, so that what is made of them can be kept.
   */
  async everyCurrentOf<T>(of: DocumentKind<T>): Promise<ReadonlyMap<string, Version<T>>> {
    const known = this.collections.get(of.kind);
    if (known && performance.now() - known.readAt < STALENESS_MS) return known.found as Map<string, Version<T>>;
    const reading = this.readings.get(of.kind) ?? this.readAll(of).finally(() => this.readings.delete(of.kind));
    this.readings.set(of.kind, reading);
    return (await reading) as Map<string, Version<T>>;
  }

  private async readAll<T>(of: DocumentKind<T>): Promise<Map<string, Version<unknown>>> {
    const readAt = performance.now();
    const known = this.collections.get(of.kind);
    const changes = await this.store.changes(of.kind);
    if (known?.changes === changes) {
      this.collections.set(of.kind, { ...known, readAt });
      return known.found;
    }
    const found = new Map<string, Version<unknown>>();
    for (let after = ''; ;) {
      const page = await this.store.all(of.kind, after, PAGE);
      for (const row of page) {
        const same = known?.found.get(row.id);
        found.set(row.id, same?.version === row.version ? same : version(of, row));
      }
      if (page.length < PAGE) break;
      after = page.at(-1)!.id;
    }
    this.collections.set(of.kind, { readAt, changes, found });
    return found;
  }

  /** The newest version as the store has it now. */
  async latest<T>(of: DocumentKind<T>, id: string): Promise<Version<T> | undefined> {
    const readAt = performance.now();
    const stored = await this.store.current(of.kind, id);
    if (!stored) return undefined;
    const found = version(of, stored);
    this.cache.set(`${of.kind}/${id}`, { readAt, found });
    return found;
  }

  /** @throws DomainError `not_found` */
  async get<T>(of: DocumentKind<T>, id: string): Promise<Version<T>> {
    const found = await this.latest(of, id);
    if (!found) throw notFound(of.kind);
    return found;
  }

  async exists(kind: string, id: string): Promise<boolean> {
    return (await this.store.current(kind, id)) !== undefined;
  }

  async list<T>(of: DocumentKind<T>, after: string, limit: number): Promise<(Version<T> & { readonly id: string })[]> {
    return (await this.store.all(of.kind, after, limit)).map((row) => ({ id: row.id, ...version(of, row) }));
  }

  /** Newest first, of versions below `before`; none where there is no such document. */
  async versionsBelow<T>(of: DocumentKind<T>, id: string, before: number, limit: number): Promise<Version<T>[]> {
    return (await this.store.versions(of.kind, id, before, limit)).map((row) => version(of, row));
  }

  /** Newest first, of versions below `before`. @throws DomainError `not_found` */
  async history<T>(of: DocumentKind<T>, id: string, before: number, limit: number): Promise<Version<T>[]> {
    const found = await this.versionsBelow(of, id, before, limit);
    if (found.length === 0 && !(await this.exists(of.kind, id))) throw notFound(of.kind);
    return found;
  }

  /**
   * Makes the next version; a body equal to the newest one changes nothing.
   * @returns the version that the body has now
   * @throws DomainError `precondition_failed` or `precondition_required`, see nextVersion
   */
  async change<T>(
    of: DocumentKind<T>,
    id: string,
    body: T,
    expected: Expected,
    by: string,
    at: Micros,
  ): Promise<number> {
    const proposal = newId();
    await this.store.propose(of.kind, id, proposal, { body: JSON.stringify(body), by, at });
    const made = await runToEnd(this.temporal, changeDocument, { kind: of.kind, id, proposal, expected });
    this.cache.delete(`${of.kind}/${id}`);
    this.collections.delete(of.kind);
    return made;
  }
}

const notFound = (kind: string): DomainError =>
  new DomainError(
    'not_found',
    `${kind.replaceAll('-', '_')}_not_found`,
    `there is no such ${kind.replaceAll('-', ' ')}`,
  );

const version = <T>(of: DocumentKind<T>, { version, body, changedBy, changedAt }: StoredVersion): Version<T> => ({
  version,
  body: of.body.parse(JSON.parse(body)),
  changedBy,
  changedAt,
});
