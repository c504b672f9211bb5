import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type Candidate, type KnownRecord, type Knowledge, place } from '../core/decide';
import { itemId } from '../core/quarantine';
import { type StoredLiveRow, type StoredPayload, type StoredRecord, TrackingStore } from '../tracking.store';
import { ConfigurationError } from '@holdfast/platform/config';
import { RecordHashes } from './hashing';
import { type Claim, IntakeOwnership } from './ownership';
import { BloomFilter } from './bloom-filter';
import { type AnyCandidate, type IntakeCandidate, samePayload, storedEvent } from './candidate';

/** From the start until intake is claimed, in ms, unless a batch comes before: a process that cannot start takes it from nobody. */
const STARTED_MS = 1_000;

/** What is kept in memory of the records that were stored before and under one claim. */
class Memory {
  readonly filter = new BloomFilter();
  /** Until the filter holds what was stored before this process took intake over, every record is asked for. */
  complete = false;
  /** Processes some of whose events did not carry their origin. */
  readonly mixed: Set<string>;

  constructor(mixed: readonly string[]) {
    this.mixed = new Set(mixed);
  }
}

/**
 * What the store knows of the records in a batch, asked for only where there may be something to know: a filter in memory tells most new events from those
 * seen before. Exact while one process takes records in (docs/adr/0002).
 */
@Injectable()
export class IntakeKnowledge implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(IntakeKnowledge.name);
  private known: { readonly owner: string; readonly memory: Promise<Memory> } | undefined;
  private starting: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: TrackingStore,
    private readonly hashes: RecordHashes,
    private readonly ownership: IntakeOwnership,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.mustBeTheKey();
    if (!this.ownership.isOurs) return;
    const soon = async (): Promise<unknown> => this.begin(await this.ownership.mustBeOurs());
    // The first batch tries again.
    this.starting = setTimeout(() => void soon().catch((error: unknown) => this.log.error(error)), STARTED_MS).unref();
  }

  /** Whoever ends before it has claimed intake leaves it to others. */
  onModuleDestroy(): void {
    clearTimeout(this.starting);
  }

  /** @throws ConfigurationError when records were named by another key: all of them would be taken for new */
  private async mustBeTheKey(): Promise<void> {
    const used = await this.store.identityKeys();
    const { fingerprint } = this.hashes;
    if (used.length === 0) await this.store.addIdentityKey(fingerprint, Date.now() * 1000);
    else if (used.some((one) => one !== fingerprint))
      throw new ConfigurationError(
        'HOLDFAST_IDENTITY_KEY is not the key that this store was begun with: everything that was received would be taken for new. Set that key again.',
      );
  }

  /**
   * Reads what was stored until the claim held, anew under each claim: others may have stored before it. Batches can be decided when it resolves, and quicker
   * when the filter is there as well.
   */
  begin(claim: Claim): Promise<Memory> {
    if (this.known?.owner !== claim.owner) {
      const memory = this.remembered();
      this.known = { owner: claim.owner, memory };
      memory.catch(() => (this.known = undefined)); // the next batch asks again
    }
    return this.known.memory;
  }

  private async remembered(): Promise<Memory> {
    const memory = new Memory(await this.store.mixedProcesses());
    this.load(memory).catch((error: unknown) => this.log.error(error)); // stays incomplete: slower, never wrong
    return memory;
  }

  private async load(memory: Memory): Promise<void> {
    let loaded = 0;
    for await (const identities of this.store.identities()) {
      for (let at = 0; at < identities.length; at += 16, loaded++) memory.filter.add(identities, at);
    }
    memory.complete = true;
    this.log.log(`filter of ${loaded} stored events is ready`);
  }

  /**
   * What the batch depends on. Its records are remembered from now on, whatever becomes of its insert: that may stay unknown.
   * @param claim under which the batch is taken in
   */
  async of(batch: readonly AnyCandidate[], claim: Claim): Promise<Knowledge<StoredLiveRow>> {
    const memory = await this.begin(claim);
    for (const { originAt, process } of batch) if (originAt === undefined) memory.mixed.add(process);
    const perhaps = batch.filter(({ identity }) => memory.filter.add(bytesOf(identity)));
    const asked = new Set((memory.complete ? perhaps : batch).map(({ identity }) => identity));
    for (const { item } of batch) if (item) asked.add(item.identity);
    const [known, origins] = await Promise.all([
      this.store.records([...asked]),
      this.origins(batch.filter(({ process }) => memory.mixed.has(process))),
    ]);
    const stored = known.filter(({ outcome }) => outcome === 'stored');
    const present = stored.filter(({ isPurged }) => !isPurged);
    const [live, reworded] = await Promise.all([this.live(batch, present, origins), this.reworded(batch, present)]);
    return {
      records: stored.map((record) => (record.isPurged ? { ...record, key: undefined } : record)),
      kept: known.flatMap(({ identity, attempt, payloadHash, outcome }) =>
        outcome === 'quarantined' || outcome === 'sampledOut' ? [{ identity, attempt, payloadHash, outcome }] : [],
      ),
      released: new Map(
        known.flatMap((one) => (one.outcome === 'released' ? [[itemId(one), one.became] as const] : [])),
      ),
      origins,
      live,
      samePayload: (candidate, known) =>
        'event' in known // a record of this batch
          ? samePayload(candidate as IntakeCandidate, known as IntakeCandidate)
          : reworded.has(candidate as IntakeCandidate),
    };
  }

  private async origins(batch: readonly Candidate[]): Promise<Origins> {
    const asked = [...byProcess(batch)].map(async ([process, keys]) =>
      (await this.store.origins(process, [...keys])).map((origin) => ({ process, ...origin })),
    );
    return (await Promise.all(asked)).flat();
  }

  /** Rows that the batch may take back: of further attempts of stored events, and of keys whose origin may change. */
  private async live(
    batch: readonly Candidate[],
    records: readonly StoredRecord[],
    origins: Origins,
  ): Promise<StoredLiveRow[]> {
    const stored = new Map(records.map((record) => [record.identity, record]));
    const keys = keysThatMayMove(batch, origins);
    for (const candidate of batch)
      if ((stored.get(candidate.identity)?.attempt ?? candidate.attempt) !== candidate.attempt)
        keys.add(place(candidate));
    const places = [...records, ...origins].filter((one) => keys.has(place(one)));
    const asked = [...byProcess(places)].map(([process, names]) =>
      this.store.liveRows(
        process,
        [...names],
        places.filter((one) => one.process === process).map(({ originAt }) => originAt),
      ),
    );
    return (await Promise.all(asked)).flat();
  }

  /** Those of the batch that say what was stored in other words: of another hash, and yet the same. */
  private async reworded(
    batch: readonly AnyCandidate[],
    records: readonly StoredRecord[],
  ): Promise<Set<IntakeCandidate>> {
    const known = new Map(records.map((record) => [recordName(record), record]));
    const doubtful = batch.filter((candidate): candidate is IntakeCandidate => {
      if (!candidate.event) return false;
      const record = known.get(recordName(candidate));
      return record !== undefined && record.payloadHash !== candidate.payloadHash;
    });
    const found = new Set<IntakeCandidate>();
    // A part at a time: the payloads of a whole batch could be larger than memory.
    for (const some of parts(doubtful, PAYLOADS_AT_ONCE)) {
      const stored = some.map((candidate) => known.get(recordName(candidate))!);
      const payloads = new Map<string, StoredPayload>();
      for (const process of new Set(stored.map((record) => record.process)))
        for (const payload of await this.store.payloads(
          process,
          stored.filter((record) => record.process === process),
        ))
          payloads.set(recordName(payload), payload);
      for (const [i, candidate] of some.entries()) {
        const payload = payloads.get(recordName(candidate));
        if (payload && samePayload(candidate, storedEvent(candidate, stored[i]!, payload))) found.add(candidate);
      }
    }
    return found;
  }
}

/** An identity as the filter reads it; good until the next call. */
const bytesOf = (identity: string): Buffer => {
  scratch.write(identity, 'hex');
  return scratch;
};
const scratch = Buffer.alloc(16);

const PAYLOADS_AT_ONCE = 250;

function* parts<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}

type Origins = Knowledge<StoredLiveRow>['origins'];
const recordName = ({ identity, attempt }: Pick<KnownRecord, 'identity' | 'attempt'>): string =>
  `${identity}/${attempt}`;

function byProcess(all: Iterable<{ readonly process: string; readonly key: string }>): Map<string, Set<string>> {
  const processes = new Map<string, Set<string>>();
  for (const { process, key } of all) {
    const keys = processes.get(process) ?? new Set();
    processes.set(process, keys.add(key));
  }
  return processes;
}

/** Keys with stored events that did not carry their origin, of which the batch names a better one: the first that is carried, or one that is earlier. */
function keysThatMayMove(batch: readonly Candidate[], origins: Origins): Set<string> {
  const known = new Map<string, { carried: number; own: number }>();
  for (const origin of origins) {
    const of = known.get(place(origin)) ?? { carried: Infinity, own: Infinity };
    const kind = origin.originFrom === 'event' ? 'carried' : 'own';
    of[kind] = Math.min(of[kind], origin.originAt);
    known.set(place(origin), of);
  }
  const moving = new Set<string>();
  for (const candidate of batch) {
    const of = known.get(place(candidate));
    if (!of || of.own === Infinity || candidate.test) continue;
    const { originAt, occurredAt } = candidate;
    if (originAt !== undefined ? originAt < of.carried : of.carried === Infinity && occurredAt < of.own)
      moving.add(place(candidate));
  }
  return moving;
}
