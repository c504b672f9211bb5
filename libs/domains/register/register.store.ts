import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';

const Name = z.object({ kind: z.string(), id: z.string() });
const Stored = z.object({
  version: z.number(),
  proposal: z.string(),
  body: z.string(),
  changedBy: z.string(),
  changedAt: micros,
});
const findCurrent = typedQuery('register/find_current', Name, Stored);
const listVersions = typedQuery('register/list_versions', Name.extend({ before: z.int(), limit: z.int() }), Stored);
const listCurrent = typedQuery(
  'register/list_current',
  z.object({ kind: z.string(), after: z.string(), limit: z.int() }),
  Stored.extend({ id: z.string() }),
);
const findVersionOf = typedQuery(
  'register/find_version_of',
  Name.extend({ proposal: z.string() }),
  z.object({ version: z.number() }),
);
const findProposal = typedQuery(
  'register/find_proposal',
  z.object({ proposal: z.string() }),
  z.object({ body: z.string(), proposedBy: z.string(), proposedAt: micros }),
);

const listChanges = typedQuery(
  'register/list_changes',
  z.object({}),
  z.object({ kind: z.string(), changes: z.string() }),
);

const VersionRow = Name.extend({
  version: z.int(),
  proposal: z.string(),
  body: z.string(),
  changed_by: z.string(),
  changed_at: z.string(),
});
const ProposalRow = Name.extend({
  proposal: z.string(),
  body: z.string(),
  proposed_by: z.string(),
  proposed_at: z.string(),
});

export type StoredVersion = z.output<typeof Stored>;
export interface Proposal {
  readonly body: string;
  readonly by: string;
  readonly at: Micros;
}

/** The tables of the register; nobody else reads or writes them. */
@Injectable()
export class RegisterStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  current(kind: string, id: string): Promise<StoredVersion | undefined> {
    return this.clickhouse.row(findCurrent, { kind, id });
  }

  /** Newest first, of versions below `before`. */
  versions(kind: string, id: string, before: number, limit: number): Promise<StoredVersion[]> {
    return this.clickhouse.rows(listVersions, { kind, id, before, limit });
  }

  /** The newest version of each document of a kind whose id comes after `after`. */
  all(kind: string, after: string, limit: number): Promise<(StoredVersion & { id: string })[]> {
    return this.clickhouse.rows(listCurrent, { kind, after, limit });
  }

  /** By kind, a text that differs after every change of a document of the kind. */
  async changes(): Promise<Map<string, string>> {
    return new Map((await this.clickhouse.rows(listChanges, {})).map(({ kind, changes }) => [kind, changes]));
  }

  /** The version that a proposal became; undefined when none. */
  async versionOf(kind: string, id: string, proposal: string): Promise<number | undefined> {
    return (await this.clickhouse.row(findVersionOf, { kind, id, proposal }))?.version;
  }

  async proposal(proposal: string): Promise<Proposal | undefined> {
    const found = await this.clickhouse.row(findProposal, { proposal });
    return found && { body: found.body, by: found.proposedBy, at: found.proposedAt };
  }

  async propose(kind: string, id: string, proposal: string, { body, by, at }: Proposal): Promise<void> {
    await this.clickhouse.insert('document_proposals', ProposalRow, [
      { kind, id, proposal, body, proposed_by: by, proposed_at: formatInstant(at) },
    ]);
  }

  /** Idempotent: the table keeps one row of a version. @param signal breaks it off */
  async append(
    kind: string,
    id: string,
    version: number,
    proposal: string,
    { body, by, at }: Proposal,
    signal?: AbortSignal,
  ): Promise<void> {
    const row = { kind, id, version, proposal, body, changed_by: by, changed_at: formatInstant(at) };
    await this.clickhouse.insert('documents', VersionRow, [row], signal ? { signal } : {});
  }
}
