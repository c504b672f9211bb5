import { Injectable } from '@nestjs/common';
import { BACKGROUND, BULK, ClickHouse, micros, typedQuery, uint64 } from '@holdfast/platform/clickhouse';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { z } from 'zod';
import { OUTCOMES } from './core/event';
import type { TimelineEntry, TimelinePosition } from './core/timeline';

const Origin = z.enum(['event', 'key', 'own']);
const Flags = { test: z.boolean(), manual: z.boolean(), synthetic: z.boolean() };
const Note = z.enum(['none', 'gap', 'fold']);
const Status = z.enum(['ok', 'failed', 'cancelled']);

const Name = z.object({
  identity: z.string(),
  attempt: z.number(),
  payloadHash: z.string(),
  outcome: z.enum(['stored', 'quarantined', 'sampledOut', 'released']),
});
const Identity = Name.extend({
  process: z.string(),
  stage: z.string(),
  originAt: micros,
  became: z.enum([...OUTCOMES, 'discarded']).catch('stored'),
});
const Known = Identity.extend({ key: z.string() });
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

const Asked = z.object({ identities: z.string() });
const findRecentRecords = typedQuery('tracking/find_recent_records', Asked.extend({ since: z.int() }), Known);
const findNames = typedQuery('tracking/find_names', Asked.extend({ generation: z.int() }), Name);
const findIdentities = typedQuery('tracking/find_identities', Asked, Identity);
const Standing = Asked.extend({ process: z.string(), hours: z.array(z.string()) });
const Keyed = z.object({ identity: z.string(), attempt: z.number(), key: z.string() });
const findKeys = typedQuery('tracking/find_keys', Standing.extend({ keys: z.array(z.string()) }), Keyed);
const findMovedKeys = typedQuery('tracking/find_moved_keys', Standing, Keyed);
const Received = z.object({ from: z.int(), until: z.int() });
const keepIdentities = typedQuery(
  'tracking/keep_identities',
  Received.extend({ generation: z.int() }),
  z.object({}),
  BACKGROUND,
);
const listIdentities = typedQuery('tracking/list_identities', z.object({ generation: z.int() }), z.object({}), BULK);
const listReceivedIdentities = typedQuery('tracking/list_received_identities', Received, z.object({}), BULK);
const findReceived = typedQuery(
  'tracking/find_received',
  z.object({ from: z.int() }),
  z.object({ first: micros, last: micros }),
);
const findKeptUntil = typedQuery('tracking/find_kept_until', z.object({}), z.object({ keptUntil: micros }));
const listGenerations = typedQuery(
  'tracking/list_generations',
  z.object({}),
  z.object({ generation: z.number(), identities: z.coerce.number() }),
);
const MarkRow = z.object({ kept_until: z.string() });
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
/** What is known of a record by its name. */
export type StoredName = z.output<typeof Name>;
/** What is known of it for ever. */
export type StoredIdentity = z.output<typeof Identity>;
/** What is known of one that is there. */
export type StoredRecord = z.output<typeof Known>;
export type KeyedEvent = z.output<typeof Keyed>;
export type StoredLiveRow = z.output<typeof Live>;
export type StoredPayload = z.output<typeof Payload>;
export type IntakeAccount = z.output<typeof Account>;

const HOUR = 3_600_000_000;
const hourText = (at: Micros): string =>
  new Date((Math.floor(at / HOUR) * HOUR) / 1000).toISOString().slice(0, 19).replace('T', ' ');

const standing = (process: string, events: readonly StoredIdentity[]): z.output<typeof Standing> => ({
  process,
  hours: [...new Set(events.map(({ originAt }) => hourText(originAt)))],
  identities: [...new Set(events.map(({ identity }) => identity))].join(''),
});

/** The table of records; nobody else writes it. Reconciliation reads it by queries of its own, for which it was made (docs/adr/0001). */
@Injectable()
export class TrackingStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Stores an encoded block: one insert, one part of each partition. The same token again stores nothing. */
  insert(columns: readonly string[], block: Buffer, token: string): Promise<void> {
    return this.clickhouse.insertNative('tracking_records', columns, block, token);
  }

  /** Records that were received since a time. @param identities 128 bits each, in hexadecimal */
  async recentRecords(identities: readonly string[], since: Micros): Promise<StoredRecord[]> {
    if (identities.length === 0) return [];
    return this.clickhouse.rows(findRecentRecords, { identities: identities.join(''), since });
  }

  /** What a generation has of these identities, by name: the quickest look. */
  async names(identities: readonly string[], generation: number): Promise<StoredName[]> {
    if (identities.length === 0) return [];
    return this.clickhouse.rows(findNames, { identities: identities.join(''), generation });
  }

  /** All that is kept for ever of these identities. */
  async identities(identities: readonly string[]): Promise<StoredIdentity[]> {
    if (identities.length === 0) return [];
    return this.clickhouse.rows(findIdentities, { identities: identities.join('') });
  }

  /** Records that have left quarantine. @param identities 128 bits each, in hexadecimal */
  async released(identities: readonly string[]): Promise<StoredIdentity[]> {
    const since = await this.keptUntil();
    const found = await Promise.all([this.recentRecords(identities, since), this.identities(identities)]);
    return found.flat().filter(({ outcome }) => outcome === 'released');
  }

  /** Which of the stored events of one process have these keys. */
  keys(process: string, events: readonly StoredIdentity[], keys: readonly string[]): Promise<KeyedEvent[]> {
    return this.clickhouse.rows(findKeys, { ...standing(process, events), keys: [...keys] });
  }

  /** The keys of stored events of one process, whatever they are: slower. Those that are not there any more are left out. */
  async movedKeys(process: string, events: readonly StoredIdentity[]): Promise<KeyedEvent[]> {
    if (events.length === 0) return [];
    return this.clickhouse.rows(findMovedKeys, standing(process, events));
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

  /** The identities of a generation, in chunks of whole 16-byte identities. */
  identitiesOf(generation: number): AsyncGenerator<Buffer> {
    return this.clickhouse.binary(listIdentities, { generation }, 16);
  }

  /** Identities received from a time to before another, in chunks of whole 16-byte identities. */
  receivedIdentities(from: Micros, until: Micros): AsyncGenerator<Buffer> {
    return this.clickhouse.binary(listReceivedIdentities, { from, until }, 16);
  }

  /** When the first and the last record was received that is no resend, from a time on. */
  async received(from: Micros): Promise<{ first: Micros; last: Micros } | undefined> {
    return (await this.clickhouse.rows(findReceived, { from }))[0];
  }

  /** Copies the identities received from a time to before another into a generation. A repeat stores nothing more. */
  keepIdentities(generation: number, from: Micros, until: Micros): Promise<void> {
    return this.clickhouse.run(keepIdentities, { generation, from, until });
  }

  /** Call when everything received before this time was copied. */
  markKept(until: Micros): Promise<void> {
    return this.clickhouse.insert('tracking_identity_marks', MarkRow, [{ kept_until: formatInstant(until) }]);
  }

  /** Up to when what was received was copied; 0 where nothing was. */
  async keptUntil(): Promise<Micros> {
    return (await this.clickhouse.rows(findKeptUntil, {}))[0]?.keptUntil ?? 0;
  }

  /** Generations and how many identities each has. */
  generations(): Promise<{ generation: number; identities: number }[]> {
    return this.clickhouse.rows(listGenerations, {});
  }

  /** Makes one part of a generation; nothing where it is one. May take minutes. */
  mergeGeneration(generation: number): Promise<void> {
    return this.clickhouse.mergePartition('tracking_identities', String(generation));
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

  /** @param source '' for every source */
  account(source: string, from: Micros, to: Micros): Promise<IntakeAccount[]> {
    return this.clickhouse.rows(countIntake, { source, from, to });
  }

  timeline(process: string, key: string, after: TimelinePosition, limit: number): Promise<TimelineEntry[]> {
    return this.clickhouse.rows(listTimeline, { process, key, limit, ...after });
  }
}
