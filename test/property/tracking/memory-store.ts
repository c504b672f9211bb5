import type { Decision } from '@holdfast/domains/tracking/core/decide';
import { decide } from '@holdfast/domains/tracking/core/decide';
import { BatchClasses, type RecordClass } from '@holdfast/domains/tracking/core/record-class';
import type { IntakeCandidate } from '@holdfast/domains/tracking/intake/candidate';
import { RecordHashes } from '@holdfast/domains/tracking/intake/hashing';
import type { IntakeOwnership } from '@holdfast/domains/tracking/intake/ownership';
import { IdentityFilter } from '@holdfast/domains/tracking/intake/identity-filter';
import { IdentityKeeper } from '@holdfast/domains/tracking/intake/identity-keeper';
import { STRAGGLERS } from '@holdfast/domains/tracking/intake/intake-memory';
import { IntakeKnowledge } from '@holdfast/domains/tracking/intake/knowledge';
import type {
  StoredIdentity,
  StoredLiveRow,
  StoredName,
  StoredPayload,
  StoredRecord,
  TrackingStore,
} from '@holdfast/domains/tracking/tracking.store';

const HOUR = 3_600_000_000;
const hourOf = (at: number): number => Math.floor(at / HOUR);

/** A row as the table of records holds it. */
export interface Row extends StoredLiveRow {
  readonly outcome: Decision<IntakeCandidate>['outcome'] | 'retraction' | 'restatement' | 'released';
  readonly payloadHash: string;
  readonly sign: -1 | 0 | 1;
  readonly class: RecordClass;
  readonly candidate: IntakeCandidate | undefined;
  readonly receivedAt: number;
}

/** The table of records in memory: it answers intake's questions as the queries under clickhouse/queries/tracking do, hours included. */
export class MemoryStore {
  readonly rows: Row[] = [];

  /** What stands in the table of identities. A row that is copied twice is there once. */
  readonly kept = new Map<string, StoredIdentity & { readonly generation: number }>();
  /** Whether marks reach the store. */
  marks = true;
  private mark = 0;

  async recentRecords(identities: readonly string[], since: number): Promise<StoredRecord[]> {
    const asked = this.known().filter(
      ({ identity, receivedAt }) => receivedAt >= since && identities.includes(identity),
    );
    return asked.map((row) => ({ ...identityOf(row), key: row.key }));
  }

  async names(identities: readonly string[], generation: number): Promise<StoredName[]> {
    return [...this.kept.values()].filter((one) => one.generation === generation && identities.includes(one.identity));
  }

  async identities(identities: readonly string[]): Promise<StoredIdentity[]> {
    return [...this.kept.values()].filter(({ identity }) => identities.includes(identity));
  }

  async keys(process: string, events: readonly StoredIdentity[], keys: readonly string[]) {
    return (await this.movedKeys(process, events)).filter(({ key }) => keys.includes(key));
  }

  async movedKeys(process: string, events: readonly StoredIdentity[]) {
    const hours = new Set(events.map(({ originAt }) => hourOf(originAt)));
    const names = new Set(events.map(({ identity }) => identity));
    return this.stored().filter(
      (row) => row.process === process && hours.has(hourOf(row.originAt)) && names.has(row.identity),
    );
  }

  async keepIdentities(generation: number, from: number, until: number): Promise<void> {
    for (const row of this.known())
      if (row.receivedAt >= from && row.receivedAt < until) {
        const one = { ...identityOf(row), generation };
        this.kept.set(`${generation}/${one.identity}/${one.attempt}/${one.payloadHash}/${one.outcome}`, one);
      }
  }

  async markKept(until: number): Promise<void> {
    if (!this.marks) throw new Error('ended before the mark');
    this.mark = Math.max(this.mark, until);
  }

  async keptUntil(): Promise<number> {
    return this.mark;
  }

  async received(from: number): Promise<{ first: number; last: number } | undefined> {
    const times = this.known().flatMap(({ receivedAt }) => (receivedAt >= from ? [receivedAt] : []));
    return times.length > 0 ? { first: Math.min(...times), last: Math.max(...times) } : undefined;
  }

  async generations(): Promise<{ generation: number; identities: number }[]> {
    const sizes = new Map<number, number>();
    for (const { generation } of this.kept.values()) sizes.set(generation, (sizes.get(generation) ?? 0) + 1);
    return [...sizes].map(([generation, identities]) => ({ generation, identities }));
  }

  async mergeGeneration(): Promise<void> {}

  async origins(process: string, keys: readonly string[]) {
    return this.stored().filter((row) => row.process === process && keys.includes(row.key) && row.class !== 'test');
  }

  async liveRows(process: string, keys: readonly string[], origins: readonly number[]): Promise<StoredLiveRow[]> {
    const hours = new Set(origins.map(hourOf));
    const asked = this.rows.filter(
      (row) => row.process === process && keys.includes(row.key) && hours.has(hourOf(row.originAt)),
    );
    return liveOf(asked);
  }

  async payloads(process: string, records: readonly StoredRecord[]): Promise<StoredPayload[]> {
    const hours = new Set(records.map(({ originAt }) => hourOf(originAt)));
    const asked = this.stored().filter(
      (row) =>
        row.process === process &&
        hours.has(hourOf(row.originAt)) &&
        records.some(({ identity, key }) => identity === row.identity && key === row.key),
    );
    return asked.map(payloadOf);
  }

  async identityKeys(): Promise<string[]> {
    return [''];
  }

  async mixedProcesses(): Promise<string[]> {
    return [
      ...new Set(
        this.stored()
          .filter(({ originFrom }) => originFrom !== 'event')
          .map(({ process }) => process),
      ),
    ];
  }

  async *identitiesOf(generation: number): AsyncGenerator<Buffer> {
    for (const one of this.kept.values()) if (one.generation === generation) yield Buffer.from(one.identity, 'hex');
  }

  async *receivedIdentities(from: number, until: number): AsyncGenerator<Buffer> {
    for (const { identity, receivedAt } of this.known())
      if (receivedAt >= from && receivedAt < until) yield Buffer.from(identity, 'hex');
  }

  private known(): (Row & { outcome: StoredRecord['outcome'] })[] {
    return this.rows.filter((row): row is Row & { outcome: StoredRecord['outcome'] } => isKnown(row.outcome));
  }

  private stored(): Row[] {
    return this.rows.filter(({ outcome }) => outcome === 'stored');
  }
}

const isKnown = (outcome: Row['outcome']): outcome is StoredRecord['outcome'] =>
  outcome === 'stored' || outcome === 'quarantined' || outcome === 'sampledOut' || outcome === 'released';

function identityOf(row: Row & { outcome: StoredRecord['outcome'] }): StoredIdentity {
  const { identity, attempt, payloadHash, outcome, process, stage, originAt } = row;
  return { identity, attempt, payloadHash, outcome, process, stage, originAt, became: 'stored' };
}

function payloadOf(row: Row): StoredPayload {
  const { event, data } = row.candidate!;
  return {
    identity: row.identity,
    attempt: row.attempt,
    type: event.type,
    occurredAt: event.occurredAt,
    originAt: row.originFrom === 'event' ? row.originAt : null,
    correlationId: event.correlationId,
    sequence: event.sequence ?? null,
    status: event.status,
    test: event.test,
    manual: event.manual,
    synthetic: event.synthetic,
    attributes: event.attributes,
    data: data.toString(),
  };
}

/** Rows that were added and not taken back. */
export function liveOf(rows: readonly Row[]): StoredLiveRow[] {
  const counts = new Map<string, { row: StoredLiveRow; times: number }>();
  for (const {
    outcome: _,
    payloadHash: _hash,
    candidate: _candidate,
    class: _class,
    receivedAt: _at,
    sign,
    ...row
  } of rows) {
    if (sign === 0) continue;
    const name = JSON.stringify(row);
    const known = counts.get(name) ?? { row, times: 0 };
    counts.set(name, { row, times: known.times + sign });
  }
  return [...counts.values()].filter(({ times }) => times > 0).map(({ row }) => row);
}

const CLAIM = { owner: 'this' };
const OWNERSHIP = { isOurs: true, holds: async () => true } as unknown as IntakeOwnership;

/** So few identities that a handful of batches fills a generation. */
class SmallKnowledge extends IntakeKnowledge {
  protected override emptyFilter(): IdentityFilter {
    return new IdentityFilter(2, 64);
  }
}

/** Intake behind the reading of bodies: what is known is asked of the store, decided, and stored, batch by batch. */
export class MemoryIntake {
  readonly store = new MemoryStore();
  private knowledge = this.knows();
  private now = Date.now() * 1000;

  private knows(): IntakeKnowledge {
    return new SmallKnowledge(this.store as unknown as TrackingStore, new RecordHashes(Buffer.alloc(0)), OWNERSHIP);
  }

  /** A process that starts: whether it has loaded its filter already, or asks for everything. */
  async restart(loaded: boolean): Promise<void> {
    this.knowledge = this.knows();
    await this.knowledge.begin(CLAIM);
    if (loaded) await this.loaded();
  }

  private async loaded(): Promise<void> {
    await this.knowledge.begin(CLAIM);
    while (!this.knowledge.ready) await new Promise(setImmediate);
  }

  /** Copies what has settled. @param isCut ends before it is marked */
  async keep(isCut: boolean): Promise<void> {
    await this.loaded();
    this.now += 2 * STRAGGLERS; // nothing that others began before the claim can land any more
    const keeper = new IdentityKeeper(this.store as unknown as TrackingStore, OWNERSHIP, this.knowledge);
    this.store.marks = !isCut;
    await keeper
      .keep(this.now)
      .catch((error: unknown) => expect(isCut).toBe(String(error).includes('before the mark')));
    this.store.marks = true;
  }

  /** @param parts which of the insert's parts come to be: one for each class, and all of them unless a crash is between */
  async take(
    batch: readonly IntakeCandidate[],
    parts: (one: RecordClass) => boolean = () => true,
  ): Promise<Decision<IntakeCandidate>[]> {
    return (await this.decided(batch))(parts);
  }

  /** Decides on a batch, and stores it when it is told to: what others store meanwhile is beside it. */
  async decided(
    batch: readonly IntakeCandidate[],
  ): Promise<(parts?: (one: RecordClass) => boolean) => Decision<IntakeCandidate>[]> {
    const memory = await this.knowledge.begin(CLAIM);
    const arrival = memory.arrive((this.now += 1));
    const decided = decide(batch, await this.knowledge.of(batch, memory));
    return (parts = () => true) => {
      arrival.end(false);
      return this.stored(decided, arrival.receivedAt, parts);
    };
  }

  private stored(
    { decisions, corrections }: ReturnType<typeof decide<IntakeCandidate, StoredLiveRow>>,
    receivedAt: number,
    parts: (one: RecordClass) => boolean,
  ) {
    const made: Omit<Row, 'receivedAt'>[] = [];
    const classes = new BatchClasses();
    for (const { candidate, outcome, originAt, originFrom, sign } of decisions) {
      if (outcome === 'still_bad' || outcome === 'gone') continue;
      const row = { ...rowOf(candidate), class: classes.of(candidate) };
      const kept = outcome === 'quarantined' ? 'quarantine' : row.class;
      made.push({ ...row, class: kept, outcome, originAt, originFrom, sign });
      if (candidate.item) made.push({ ...row, ...candidate.item, outcome: 'released', originAt, originFrom, sign: 0 });
    }
    for (const { row, cause, sign, originAt, originFrom } of corrections)
      made.push({
        ...row,
        class: classes.of(cause!),
        originAt,
        originFrom,
        sign,
        outcome: sign > 0 ? 'restatement' : 'retraction',
        payloadHash: '',
        candidate: undefined,
      });
    this.store.rows.push(...made.filter((row) => parts(row.class)).map((row) => ({ ...row, receivedAt })));
    return decisions;
  }
}

const rowOf = (candidate: IntakeCandidate) => {
  const { event, identity, digest, definition, agreed, payloadHash } = candidate;
  const { process, key, stage, source, id, attempt, type, occurredAt, manual } = event;
  return {
    ...{ process, key, stage, source, id, identity, attempt, type, occurredAt, definition, agreed, payloadHash },
    digest: Buffer.from(digest, 'hex').readBigInt64LE().toString(),
    class: candidate.class,
    contractVersion: candidate.contractVersion,
    weight: candidate.weight,
    manual,
    firstReceivedAt: 0,
    candidate,
  };
};
