import { Injectable } from '@nestjs/common';
import { DomainError, newId } from '@holdfast/kernel';
import { isTilePath } from '@holdfast/platform/transparency';
import { AuditLogClient } from './audit-log.client';
import type { LogState } from './audit.schemas';
import { ANY, AuditStore, NEWEST, type EntryFilter, type StoredRow } from './audit.store';
import { type Action, type Entry, readEntry, REDACTED } from './core/entry';

/** An entry with its place. */
export interface PlacedEntry extends Entry {
  readonly sequence: number;
}

export interface InclusionProof {
  readonly index: number;
  readonly size: number;
  /** In base 64. */
  readonly proof: readonly string[];
  /** The signed note. */
  readonly checkpoint: string;
}
export interface ConsistencyProof extends Omit<InclusionProof, 'index' | 'size'> {
  readonly first: number;
  readonly second: number;
}

/** What other domains, the API and the command line may ask of the audit log. */
@Injectable()
export class AuditService {
  constructor(
    private readonly client: AuditLogClient,
    private readonly store: AuditStore,
  ) {}

  /**
   * Records an action: durable when it returns. Do what is recorded only afterwards, or record it as `intended` first.
   * @param id of the entry, for what may be repeated: made of workflow id and step. Entries of one id are one, whenever they come.
   * @returns its sequence
   * @throws DomainError `unavailable` audit_unavailable: do not do it then
   */
  record(action: Action, id?: string): Promise<number> {
    return this.client.append({ ...action, id: id ?? newId() }, id !== undefined);
  }

  /**
   * Erases what an entry says; the log stays as it was, and says that it was erased. A repeat does nothing new.
   * @param reason where the reason stands, such as the id of an erasure request
   * @returns the sequence of the entry that says so
   * @throws DomainError `not_found` audit_entry_not_found, `conflict` audit_entry_permanent, `unavailable`
   */
  async redact(
    sequence: number,
    reason: string,
    by: Pick<Action, 'actor' | 'actorKind'>,
    request = '',
  ): Promise<number> {
    const { actor, actorKind } = by;
    const body = { sequence, reason, actor, actorKind, request };
    return (await this.client.post<{ sequence: number }>('/redactions', body)).sequence;
  }

  /** Newest first, of those below a sequence. */
  async entries(filter: Partial<EntryFilter>, before: number | undefined, limit: number): Promise<PlacedEntry[]> {
    const { size } = await this.state();
    const rows = await this.store.entries({ ...ANY, ...filter }, Math.min(before ?? NEWEST, size), limit);
    return rows.map(({ sequence, entry }) => ({ sequence, ...readEntry(entry) }));
  }

  /** An entry with what its leaf is made of. @throws DomainError `not_found` audit_entry_not_found */
  async entry(sequence: number): Promise<StoredRow | { readonly sequence: number; readonly erasedBy: number }> {
    const { size } = await this.state();
    const row = sequence < size ? await this.store.entry(sequence) : undefined;
    if (row) return row;
    const erased = { ...ANY, action: REDACTED, subjectKind: 'audit-entry', subject: String(sequence) };
    const [said] = await this.store.entries(erased, size, 1);
    if (!said)
      throw new DomainError('not_found', 'audit_entry_not_found', 'the audit log has no entry of this sequence');
    return { sequence, erasedBy: said.sequence };
  }

  state(): Promise<LogState> {
    return this.client.get('/state');
  }

  /** @throws DomainError `invalid` audit_size_out_of_range */
  inclusion(index: number, size?: number): Promise<InclusionProof> {
    return this.client.get(`/inclusion?index=${index}${size === undefined ? '' : `&size=${size}`}`);
  }

  /** @throws DomainError `invalid` audit_size_out_of_range */
  consistency(first: number, second?: number): Promise<ConsistencyProof> {
    return this.client.get(`/consistency?first=${first}${second === undefined ? '' : `&second=${second}`}`);
  }

  /** The newest checkpoint: a signed note. */
  async checkpoint(): Promise<string> {
    return (await this.client.file('/checkpoint')).toString();
  }

  /** A tile or bundle by its path of C2SP tlog-tiles. @throws DomainError `not_found` audit_tile_not_found */
  async tile(path: string): Promise<Buffer> {
    if (!isTilePath(path)) throw new DomainError('not_found', 'audit_tile_not_found', 'there is no such tile');
    return this.client.file(`/${path}`);
  }

  /** @returns names of the witnesses whose co-signature was taken @throws DomainError `invalid` invalid_cosignature, `conflict` cosignature_of_other_log */
  async cosign(note: string): Promise<readonly string[]> {
    return (await this.client.post<{ witnesses: string[] }>('/cosignatures', { note })).witnesses;
  }

  /** Rows of [from, to) as ClickHouse has them, a line each: `<sequence> <commit> <salt> <entry>`; one more where search columns contradict the entry. */
  async rows(from: number, to: number, limit: number): Promise<string> {
    const rows = await this.store.rows(from, to, limit);
    return rows
      .map(({ sequence, commit, salt, entry, differing }) => {
        const line = `${sequence} ${commit} ${salt} ${entry.replace(/[\r\n]/g, ' ')}\n`;
        return differing.length === 0 ? line : `${line}${sequence} ${commit} columns ${differing.join(',')}\n`;
      })
      .join('');
  }
}
