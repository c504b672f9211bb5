import { Injectable } from '@nestjs/common';
import { DomainError, newId, Recent, type Micros } from '@holdfast/kernel';
import { runToEnd } from '@holdfast/platform/temporal';
import { changeDocument } from '@holdfast/workflows/register/change-document/contract';
import { Client } from '@temporalio/client';
import type { z } from 'zod';
import type { Expected, Version } from './core/document';
import { RegisterStore, type StoredVersion } from './register.store';

/** How old a document may be that is not read anew, in milliseconds: what a writer changed is seen everywhere after that. */
export const STALENESS_MS = 1_000;

/** Documents read at once where all are read. */
const PAGE = 1_000;

/** One kind of document: its name in the register and the shape of its bodies. */
export interface DocumentKind<T> {
  readonly kind: string;
  readonly body: z.ZodType<T>;
}

/** Every document of a kind, as it was when the kind's documents had come to these changes. */
interface Collection {
  readonly changes: string;
  readonly found: Promise<Map<string, Version<unknown>>>;
}

/** Versioned documents of every kind: read, list, change, history. */
@Injectable()
export class RegisterService {
  private readonly changes = new Recent(() => this.store.changes(), STALENESS_MS);
  private readonly collections = new Map<string, Collection>();

  constructor(
    private readonly store: RegisterStore,
    private readonly temporal: Client,
  ) {}

  /**
   * The newest version of every document of a kind by id, at most {@link STALENESS_MS} old: what exists no longer than that may be missing. The same map, and
   * the same bodies in it, until something has changed, so that what is made of them can be kept.
   * @param fresh as the store has them now
   */
  async everyCurrentOf<T>(of: DocumentKind<T>, fresh = false): Promise<ReadonlyMap<string, Version<T>>> {
    const changes = (await (fresh ? this.changes.fresh() : this.changes.get())).get(of.kind) ?? '';
    const known = this.collections.get(of.kind);
    if (known?.changes === changes) return known.found as Promise<Map<string, Version<T>>>;
    const collection = { changes, found: this.readAll(of, known?.found) };
    this.collections.set(of.kind, collection);
    collection.found.catch(() => {
      if (this.collections.get(of.kind) !== collection) return;
      if (known)
        this.collections.set(of.kind, known); // what is made of its documents is kept
      else this.collections.delete(of.kind);
    });
    return collection.found;
  }

  private async readAll<T>(
    of: DocumentKind<T>,
    before: Collection['found'] | undefined,
  ): Promise<Map<string, Version<T>>> {
    const known = await before?.catch(() => undefined);
    const found = new Map<string, Version<T>>();
    for (let after = ''; ;) {
      const page = await this.store.all(of.kind, after, PAGE);
      for (const row of page) {
        const same = known?.get(row.id) as Version<T> | undefined;
        found.set(row.id, same?.version === row.version ? same : version(of, row));
      }
      if (page.length < PAGE) return found;
      after = page.at(-1)!.id;
    }
  }

  /** The newest version as the store has it now. */
  async latest<T>(of: DocumentKind<T>, id: string): Promise<Version<T> | undefined> {
    const stored = await this.store.current(of.kind, id);
    return stored && version(of, stored);
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
    this.changes.forget();
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
