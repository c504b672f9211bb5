import type { Decision } from '@holdfast/domains/tracking/core/decide';
import { decide } from '@holdfast/domains/tracking/core/decide';
import { BatchClasses, type RecordClass } from '@holdfast/domains/tracking/core/record-class';
import type { IntakeCandidate } from '@holdfast/domains/tracking/intake/candidate';
import { RecordHashes } from '@holdfast/domains/tracking/intake/hashing';
import type { IntakeOwnership } from '@holdfast/domains/tracking/intake/ownership';
import { IntakeKnowledge } from '@holdfast/domains/tracking/intake/knowledge';
import type {
  StoredLiveRow,
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
}

/** The table of records in memory: it answers intake's questions as the queries under clickhouse/queries/tracking do, hours included. */
export class MemoryStore {
  readonly rows: Row[] = [];

  async records(identities: readonly string[]): Promise<StoredRecord[]> {
    return this.rows.flatMap(({ outcome, ...row }) =>
      identities.includes(row.identity) && isKnown(outcome)
        ? [{ ...row, outcome, became: 'stored' as const, isPurged: false }]
        : [],
    );
  }

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

  async *identities(): AsyncGenerator<Buffer> {
    for (const { identity, outcome } of this.rows)
      if (isKnown(outcome) && outcome !== 'released') yield Buffer.from(identity, 'hex');
  }

  private stored(): Row[] {
    return this.rows.filter(({ outcome }) => outcome === 'stored');
  }
}

const isKnown = (outcome: Row['outcome']): outcome is StoredRecord['outcome'] =>
  outcome === 'stored' || outcome === 'quarantined' || outcome === 'sampledOut' || outcome === 'released';

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
  for (const { outcome: _, payloadHash: _hash, candidate: _candidate, class: _class, sign, ...row } of rows) {
    if (sign === 0) continue;
    const name = JSON.stringify(row);
    const known = counts.get(name) ?? { row, times: 0 };
    counts.set(name, { row, times: known.times + sign });
  }
  return [...counts.values()].filter(({ times }) => times > 0).map(({ row }) => row);
}

const CLAIM = { owner: 'this' };

/** Intake behind the reading of bodies: what is known is asked of the store, decided, and stored, batch by batch. */
export class MemoryIntake {
  readonly store = new MemoryStore();
  private knowledge = this.knows();

  private knows(): IntakeKnowledge {
    const store = this.store as unknown as TrackingStore;
    return new IntakeKnowledge(store, new RecordHashes(Buffer.alloc(0)), { isOurs: true } as IntakeOwnership);
  }

  /** A process that starts: whether it has loaded its filter already, or asks for everything. */
  async restart(loaded: boolean): Promise<void> {
    this.knowledge = this.knows();
    await this.knowledge.begin(CLAIM);
    if (loaded) await new Promise(setImmediate);
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
    const decided = decide(batch, await this.knowledge.of(batch, CLAIM));
    return (parts = () => true) => this.stored(decided, parts);
  }

  private stored(
    { decisions, corrections }: ReturnType<typeof decide<IntakeCandidate, StoredLiveRow>>,
    parts: (one: RecordClass) => boolean,
  ) {
    const made: Row[] = [];
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
    this.store.rows.push(...made.filter((row) => parts(row.class)));
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
