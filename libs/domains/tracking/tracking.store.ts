import { Injectable } from '@nestjs/common';
import { ClickHouse, micros, typedQuery, uint64 } from '@holdfast/platform/clickhouse';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { z } from 'zod';
import { OUTCOMES } from './core/event';
import type { TimelineEntry, TimelinePosition } from './core/timeline';

const Origin = z.enum(['event', 'key', 'own']);
const Flags = { test: z.boolean(), manual: z.boolean(), synthetic: z.boolean() };
const Note = z.enum(['none', 'gap', 'fold']);
const Status = z.enum(['ok', 'failed', 'cancelled']);

const Known = z.object({
  identity: z.string(),
  attempt: z.number(),
  payloadHash: z.string(),
  process: z.string(),
  stage: z.string(),
  key: z.string(),
  originAt: micros,
  outcome: z.enum(['stored', 'quarantined', 'sampledOut', 'released']),
  became: z.enum([...OUTCOMES, 'discarded']).catch('stored'),
  /** Whether only this is left of it. */
  isPurged: z.coerce.boolean(),
});
const Live = z.object({
  process: z.string(),
  key: z.string(),
  stage: z.string(),
  source: z.string(),
  id: z.string(),
  identity: z.string(),
  attempt: z.number(),
  type: z.string(),
  occurredAt: micros,
  originAt: micros,
  originFrom: Origin,
  digest: uint64,
  definition: z.number(),
  agreed: z.string(),
  contractVersion: z.number(),
  weight: z.number(),
  manual: z.boolean(),
  firstReceivedAt: micros,
});
const Payload = z.object({
  identity: z.string(),
  attempt: z.number(),
  type: z.string(),
  occurredAt: micros,
  originAt: micros.nullable(),
  correlationId: z.string(),
  sequence: z.coerce.number().nullable(),
  status: Status,
  ...Flags,
  attributes: z.string(),
  data: z.string(),
});
const Entry = z.object({
  source: z.string(),
  id: z.string(),
  attempt: z.number(),
  stage: z.string(),
  type: z.string(),
  outcome: z.enum(['stored', 'conflict']),
  occurredAt: micros,
  originAt: micros,
  originFrom: Origin,
  occurredText: z.string(),
  occurredNote: Note,
  originText: z.string(),
  originNote: Note,
  receivedAt: micros,
  firstReceivedAt: micros,
  payloadHash: uint64,
  correlationId: z.string(),
  sequence: z.coerce.number().nullable(),
  status: Status,
  ...Flags,
  attributes: z.string(),
  contractVersion: z.number(),
  breach: z.string(),
  categories: z.string(),
  sensitivity: z.string(),
  data: z.string(),
}) satisfies z.ZodType<TimelineEntry>;
const Count = z.coerce.number();
const Account = z.object({
  source: z.string(),
  process: z.string(),
  stored: Count,
  duplicate: Count,
  conflict: Count,
  quarantined: Count,
  rejected: Count,
  sampledOut: Count,
});

const findRecords = typedQuery('tracking/find_records', z.object({ identities: z.string() }), Known);
const findOrigins = typedQuery(
  'tracking/find_origins',
  z.object({ process: z.string(), keys: z.array(z.string()) }),
  z.object({ key: z.string(), originAt: micros, originFrom: Origin }),
);
const findLiveRows = typedQuery(
  'tracking/find_live_rows',
  z.object({ process: z.string(), hours: z.array(z.string()), keys: z.array(z.string()) }),
  Live,
);
const findPayloads = typedQuery(
  'tracking/find_payloads',
  z.object({
    process: z.string(),
    hours: z.array(z.string()),
    keys: z.array(z.string()),
    identities: z.array(z.string()),
  }),
  Payload,
);
const listMixedProcesses = typedQuery('tracking/list_mixed_processes', z.object({}), z.object({ process: z.string() }));
const listIdentityKeys = typedQuery('tracking/list_identity_keys', z.object({}), z.object({ fingerprint: z.string() }));
const keepIdentities = typedQuery('tracking/keep_identities', z.object({ partition: z.string() }), z.object({}));
const findIntakeClaim = typedQuery(
  'tracking/find_intake_claim',
  z.object({}),
  z.object({ owner: z.string(), claimedAt: micros, isGivenUp: z.boolean() }),
);
const IntakeClaimRow = z.object({ claimed_at: z.string(), owner: z.string(), is_given_up: z.boolean() });
const IdentityKeyRow = z.object({ fingerprint: z.string(), first_used_at: z.string() });
const countIntake = typedQuery(
  'tracking/count_intake',
  z.object({ source: z.string(), from: z.int(), to: z.int() }),
  Account,
);
const listTimeline = typedQuery(
  'tracking/list_timeline',
  z.object({
    process: z.string(),
    key: z.string(),
    limit: z.int(),
    afterAt: z.int(),
    afterSource: z.string(),
    afterId: z.string(),
    afterAttempt: z.int(),
    afterReceived: z.int(),
    afterHash: uint64,
  }),
  Entry,
);

export type IntakeClaim = z.output<typeof findIntakeClaim.row>;
export type StoredRecord = z.output<typeof Known>;
export type StoredLiveRow = z.output<typeof Live>;
export type StoredPayload = z.output<typeof Payload>;
export type IntakeAccount = z.output<typeof Account>;

const HOUR = 3_600_000_000;
const hourText = (at: Micros): string =>
  new Date((Math.floor(at / HOUR) * HOUR) / 1000).toISOString().slice(0, 19).replace('T', ' ');

/** The table of records; nobody else writes it. Reconciliation reads it by queries of its own, for which it was made (docs/adr/0001). */
@Injectable()
export class TrackingStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Stores an encoded block: one insert, one part of each partition. The same token again stores nothing. */
  insert(columns: readonly string[], block: Buffer, token: string): Promise<void> {
    return this.clickhouse.insertNative('tracking_records', columns, block, token);
  }

  /** @param identities 128 bits each, in hexadecimal */
  async records(identities: readonly string[]): Promise<StoredRecord[]> {
    if (identities.length === 0) return [];
    return this.clickhouse.rows(findRecords, { identities: identities.join('') });
  }

  async origins(
    process: string,
    keys: readonly string[],
  ): Promise<{ key: string; originAt: Micros; originFrom: 'event' | 'key' | 'own' }[]> {
    return this.clickhouse.rows(findOrigins, { process, keys: [...keys] });
  }

  /** @param origins where the keys' rows stand */
  async liveRows(process: string, keys: readonly string[], origins: readonly Micros[]): Promise<StoredLiveRow[]> {
    if (keys.length === 0) return [];
    return this.clickhouse.rows(findLiveRows, { process, keys: [...keys], hours: [...new Set(origins.map(hourText))] });
  }

  /** What the senders of stored records of one process said, of all attempts of their events. */
  payloads(process: string, records: readonly StoredRecord[]): Promise<StoredPayload[]> {
    const distinct = (all: readonly string[]): string[] => [...new Set(all)];
    return this.clickhouse.rows(findPayloads, {
      process,
      hours: distinct(records.map(({ originAt }) => hourText(originAt))),
      keys: distinct(records.map(({ key }) => key)),
      identities: distinct(records.map(({ identity }) => identity)),
    });
  }

  async mixedProcesses(): Promise<string[]> {
    return (await this.clickhouse.rows(listMixedProcesses, {})).map(({ process }) => process);
  }

  /** Every identity that is stored, in chunks of whole 16-byte identities. */
  identities(): AsyncGenerator<Buffer> {
    return this.clickhouse.binary('tracking/list_identities', 16);
  }

  /** Fingerprints of the keys that names of records were made with. */
  async identityKeys(): Promise<string[]> {
    return (await this.clickhouse.rows(listIdentityKeys, {})).map(({ fingerprint }) => fingerprint);
  }

  async addIdentityKey(fingerprint: string, at: Micros): Promise<void> {
    const row = { fingerprint, first_used_at: formatInstant(at) };
    await this.clickhouse.insert('tracking_identity_keys', IdentityKeyRow, [row]);
  }

  async intakeClaim(): Promise<IntakeClaim | undefined> {
    return (await this.clickhouse.rows(findIntakeClaim, {}))[0];
  }

  async claimIntake({ owner, claimedAt, isGivenUp }: IntakeClaim): Promise<void> {
    const row = { claimed_at: formatInstant(claimedAt), owner, is_given_up: isGivenUp };
    await this.clickhouse.insert('intake_claims', IntakeClaimRow, [row]);
  }

  /** Call before a partition is dropped, when nothing is inserted into it any more. @param partition its id */
  async keepIdentities(partition: string): Promise<void> {
    await this.clickhouse.run(keepIdentities, { partition });
  }

  /** @param source '' for every source */
  account(source: string, from: Micros, to: Micros): Promise<IntakeAccount[]> {
    return this.clickhouse.rows(countIntake, { source, from, to });
  }

  timeline(process: string, key: string, after: TimelinePosition, limit: number): Promise<TimelineEntry[]> {
    return this.clickhouse.rows(listTimeline, { process, key, limit, ...after });
  }
}
