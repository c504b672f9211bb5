import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type Candidate, type KnownRecord, type Knowledge, place } from '../core/decide';
import { itemId } from '../core/quarantine';
import {
  type KeyedEvent,
  type StoredIdentity,
  type StoredLiveRow,
  type StoredName,
  type StoredPayload,
  type StoredRecord,
  TrackingStore,
} from '../tracking.store';
import { ConfigurationError } from '@holdfast/platform/config';
import { RecordHashes } from './hashing';
import { IdentityFilter, type Place } from './identity-filter';
import { IntakeMemory } from './intake-memory';
import { type Claim, IntakeOwnership } from './ownership';
import { type AnyCandidate, type IntakeCandidate, samePayload, storedEvent } from './candidate';

/** From the start until intake is claimed, in ms, unless a batch comes before: a process that cannot start takes it from nobody. */
const STARTED_MS = 1_000;

/**
 * What the store knows of the records in a batch, asked for only where there may be something to know: a filter in memory tells most new events from those
 * seen before. Exact while one process takes records in (docs/adr/0002).
 */
@Injectable()
export class IntakeKnowledge implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(IntakeKnowledge.name);
  private known: { readonly owner: string; readonly memory: Promise<IntakeMemory> } | undefined;
  private newest: IntakeMemory | undefined;
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

  /** The memory of the newest claim, once it is complete. */
  get ready(): IntakeMemory | undefined {
    return this.newest?.complete === true ? this.newest : undefined;
  }

  /**
   * Reads what was stored until the claim held, anew under each claim: others may have stored before it. Batches can be decided when it resolves, and quicker
   * when the filter is there as well.
   */
  begin(claim: Claim): Promise<IntakeMemory> {
    if (this.known?.owner !== claim.owner) {
      const memory = this.remembered(claim);
      this.known = { owner: claim.owner, memory };
      memory.catch(() => (this.known = undefined)); // the next batch asks again
    }
    return this.known.memory;
  }

  private async remembered({ owner }: Claim): Promise<IntakeMemory> {
    const claimedAt = Date.now() * 1000;
    const keptUntil = await this.store.keptUntil();
    const [mixed, generations, received] = await Promise.all([
      this.store.mixedProcesses(),
      this.store.generations(),
      this.store.received(keptUntil),
    ]);
    const memory = new IntakeMemory(owner, claimedAt, mixed, keptUntil, received?.last ?? 0, this.emptyFilter());
    for (const { generation, identities } of generations) memory.filter.open(generation, identities);
    this.newest = memory;
    this.load(memory).catch((error: unknown) => {
      this.log.error(error);
      if (this.newest === memory) this.known = undefined; // the next batch begins anew
    });
    return memory;
  }

  protected emptyFilter(): IdentityFilter {
    return new IdentityFilter();
  }

  private async load(memory: IntakeMemory): Promise<void> {
    const { filter, keptUntil } = memory;
    let loaded = 0;
    for await (const hashes of this.store.receivedIdentities(keptUntil, END_OF_TIME)) {
      filter.add(hashes);
      loaded += hashes.length / 16;
    }
    for (const generation of filter.generations)
      for await (const hashes of this.store.identitiesOf(generation)) {
        filter.fill(generation, hashes);
        loaded += hashes.length / 16;
      }
    memory.complete = true;
    this.log.log(`filter of ${loaded} stored events is ready`);
  }

  /**
   * What the batch depends on. Its records are remembered from now on, whatever becomes of its insert: that may stay unknown.
   * @param memory under whose claim the batch is taken in, after it has arrived there
   */
  async of(batch: readonly AnyCandidate[], memory: IntakeMemory): Promise<Knowledge<StoredLiveRow>> {
    for (const { originAt, process } of batch) if (originAt === undefined) memory.mixed.add(process);
    const [known, origins] = await Promise.all([
      this.records(batch, memory),
      this.origins(batch.filter(({ process }) => memory.mixed.has(process))),
    ]);
    const present = known.filter((one): one is StoredRecord => one.outcome === 'stored' && 'key' in one);
    const [live, reworded] = await Promise.all([this.live(batch, present, origins), this.reworded(batch, present)]);
    return {
      records: known.filter(({ outcome }) => outcome === 'stored'),
      kept: known.flatMap(({ identity, attempt, payloadHash, outcome }) =>
        outcome === 'quarantined' || outcome === 'sampledOut' ? [{ identity, attempt, payloadHash, outcome }] : [],
      ),
      released: new Map(
        known.flatMap((one) => (one.outcome === 'released' && 'became' in one ? [[itemId(one), one.became]] : [])),
      ),
      origins,
      live,
      samePayload: (candidate, known) =>
        'event' in known // a record of this batch
          ? samePayload(candidate as IntakeCandidate, known as IntakeCandidate)
          : reworded.has(candidate as IntakeCandidate),
    };
  }

  /** What is known of the batch's identities: their names, and the rest where a name does not tell what becomes of a record. */
  private async records(batch: readonly AnyCandidate[], memory: IntakeMemory): Promise<readonly AnyKnown[]> {
    const { keptUntil } = memory; // as the filter has it: what is copied meanwhile is asked for twice, and not missed
    const asked = placesOf(batch, memory);
    const generations = [...asked.keys()].filter((one): one is number => one !== 'recent');
    const [recent, ...names] = await Promise.all([
      this.store.recentRecords([...(asked.get('recent') ?? [])], keptUntil),
      ...generations.map((generation) => this.store.names([...asked.get(generation)!], generation)),
    ]);
    const known = new Map(names.flat().map((name) => [nameOf(name), name]));
    // The same record again needs no more than its name. Others are compared with what is stored, and what left quarantine became something.
    const stored = new Set(names.flat().flatMap(({ identity, outcome }) => (outcome === 'stored' ? [identity] : [])));
    const unclear = new Set(batch.flatMap(({ item }) => (item ? [item.identity] : [])));
    const keys = new Set<string>();
    for (const { identity, attempt, payloadHash, key } of batch) {
      if (!stored.has(identity) || known.has(nameOf({ identity, attempt, payloadHash, outcome: 'stored' }))) continue;
      unclear.add(identity);
      keys.add(key);
    }
    for (const one of await this.whole([...unclear], [...keys])) known.set(nameOf(one), one);
    for (const one of recent) known.set(nameOf(one), one);
    return [...known.values()];
  }

  /** All that is known of identities, with their keys where they are still there. @param expected keys that they most likely have */
  private async whole(identities: readonly string[], expected: readonly string[]): Promise<AnyKnown[]> {
    const kept = await this.store.identities(identities);
    const stored = kept.filter(({ outcome }) => outcome === 'stored');
    const keys = new Map<string, string>();
    const learn = (found: readonly KeyedEvent[]): void =>
      found.forEach(({ key, ...one }) => void keys.set(recordName(one), key));
    for (const process of new Set(stored.map((one) => one.process))) {
      const events = stored.filter((one) => one.process === process);
      learn(await this.store.keys(process, events, expected));
      const others = events.filter((one) => !keys.has(recordName(one)));
      learn(await this.store.movedKeys(process, others));
    }
    return kept.map((one) => {
      const key = one.outcome === 'stored' ? keys.get(recordName(one)) : undefined;
      return key === undefined ? one : { ...one, key };
    });
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

/** What is known of a record: its name, what is kept for ever, or all that is needed. */
type AnyKnown = StoredName | StoredIdentity | StoredRecord;
const nameOf = ({ identity, attempt, payloadHash, outcome }: StoredName): string =>
  `${identity}/${attempt}/${payloadHash}/${outcome}`;

/** Where the identities of a batch are to be asked for; they are remembered as received now. */
function placesOf(batch: readonly AnyCandidate[], { filter, complete }: IntakeMemory): Map<Place, Set<string>> {
  const asked = new Map<Place, Set<string>>();
  const ask = (identity: string): void => {
    scratch.write(identity, 'hex');
    for (const one of complete ? filter.whereabouts(scratch) : filter.places) {
      const identities = asked.get(one);
      if (identities) identities.add(identity);
      else asked.set(one, new Set([identity]));
    }
    filter.add(scratch);
  };
  for (const { identity, item } of batch) {
    ask(identity);
    if (item) ask(item.identity);
  }
  return asked;
}
/** An identity as the filter reads it. */
const scratch = Buffer.alloc(16);

/** Later than anything is received. */
const END_OF_TIME = 4_000_000_000_000_000;
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
