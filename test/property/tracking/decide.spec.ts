import { candidateOf, intakeOf, type IntakeCandidate } from '@holdfast/domains/tracking/intake/candidate';
import { Footprint } from '@holdfast/domains/tracking/intake/footprint';
import { RecordHashes } from '@holdfast/domains/tracking/intake/hashing';
import { readRecord, wasRejected } from '@holdfast/domains/tracking/intake/read-record';
import { formatInstant, microsOf } from '@holdfast/kernel';
import { Logger } from '@nestjs/common';
import * as fc from 'fast-check';
import type { Process } from '@holdfast/domains/catalog/core/process';
import type { RecordClass } from '@holdfast/domains/tracking/core/record-class';
import type { Refusal } from '@holdfast/domains/tracking/core/decide';
import type { Rejection } from '@holdfast/domains/tracking/core/event';
import type { QuarantinedItem } from '@holdfast/domains/tracking/core/quarantine';
import { liveOf, MemoryIntake, type Row } from './memory-store';

const START = microsOf('2026-03-29T00:40:00Z');
const QUARTER = 900_000_000;
const NOW = START + 40 * QUARTER;
const PROCESS: Process = {
  id: 'p',
  version: 1,
  stages: [
    { id: 'shop', role: 'source' },
    { id: 'erp', role: 'target' },
  ],
  fields: [{ name: 'amount' }],
  cardinality: '1:1',
  graceSeconds: 0,
  window: { seconds: 3600, scheduled: false },
  retentionClass: 'standard',
};
const intakes = {
  standard: intakeOf(PROCESS),
  audit: intakeOf({ ...PROCESS, retentionClass: 'audit' }),
};

/** What a sender may say; small ranges, so that records meet. */
interface Said {
  readonly source: string;
  readonly id: number;
  readonly process: string;
  readonly key: number;
  readonly stage: string;
  readonly attempt: number;
  readonly at: number;
  readonly origin: number | undefined;
  readonly status: 'ok' | 'failed';
  readonly test: boolean;
  readonly synthetic: boolean;
  readonly amount: number;
  /** The same payload in other words. */
  readonly reworded: boolean;
  /** What its contract, or sampling, makes of it; changes from one sending to the next. */
  readonly refused: Refusal['outcome'] | 'no';
  /** What its process is kept as when it comes. */
  readonly kept: 'standard' | 'audit';
  /** Mends the nth record that was put in quarantine, if there are so many; 0 is none. */
  readonly mends: number;
}

const said: fc.Arbitrary<Said> = fc
  .record({
    source: fc.constantFrom('a', 'b'),
    id: fc.integer({ min: 1, max: 6 }),
    moved: fc.integer({ min: 0, max: 9 }),
    attempt: fc.constantFrom(1, 1, 1, 2, 3),
    at: fc.integer({ min: 0, max: 12 }),
    origin: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined, freq: 3 }),
    status: fc.constantFrom('ok' as const, 'ok' as const, 'ok' as const, 'failed' as const),
    test: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    synthetic: fc.integer({ min: 0, max: 14 }).map((n) => n === 0),
    amount: fc.constantFrom(1, 1, 2),
    reworded: fc.boolean(),
    refused: fc.constantFrom('no', 'no', 'no', 'no', 'no', 'quarantined', 'rejected', 'sampledOut' as const),
    kept: fc.constantFrom('standard' as const, 'standard' as const, 'audit' as const),
    mends: fc.constantFrom(0, 0, 0, 0, 1, 2, 3),
  })
  // An event keeps its process, key and stage, as it should, but for one in ten.
  .map(({ moved, ...one }) => ({
    ...one,
    process: one.id % 3 === 0 ? 'q' : 'p',
    key: (one.id % 2) + (moved === 0 ? 1 : 0),
    stage: (one.source === 'a') === (moved !== 1) ? 'shop' : 'erp',
  }));

const hashes = new RecordHashes(Buffer.alloc(0));
const REFUSED: Rejection = { code: 'contract_violation', field: 'data', reason: 'is bad' };

function candidate(
  { at, origin, reworded, amount, id, key, refused, kept, mends: _, ...rest }: Said,
  line: number,
  item?: QuarantinedItem,
): IntakeCandidate {
  const fields = {
    ...rest,
    id: String(id),
    key: `k'${key}`,
    type: 't',
    occurredAt: formatInstant(START + at * QUARTER),
    ...(origin !== undefined && { originAt: formatInstant(START + origin * QUARTER) }),
  };
  const data = reworded ? `{ "note":"n", "amount": ${amount}.0 }` : `{"amount":${amount},"note":"n"}`;
  const text = `${JSON.stringify(fields).slice(0, -1)},"data":${data}}`;
  const record = readRecord(Buffer.from(text), line, NOW);
  if (wasRejected(record)) throw new Error(record.rejection.reason);
  const refusal =
    refused === 'no' ? undefined : { outcome: refused, rejection: refused === 'sampledOut' ? undefined : REFUSED };
  return candidateOf(
    record,
    hashes,
    { intake: intakes[kept], contract: undefined, refusal, warning: undefined, owner: '' },
    item,
  );
}

/** Everything that was ever said, in order; nothing is kept up to date, everything is worked out anew. */
class Naive {
  private readonly stored: Said[] = [];

  private readonly quarantine: { readonly text: string; gone: boolean }[] = [];
  private readonly sampledOut = new Set<string>();

  /** @param item the record of the quarantine that it mends, from 0 */
  take(one: Said, item?: number): string {
    const mended = item === undefined ? undefined : this.quarantine[item]!;
    if (mended?.gone) return 'gone';
    const outcome = this.outcomeOf(one, mended !== undefined);
    if (mended && (outcome === 'quarantined' || outcome === 'rejected')) return 'still_bad';
    if (mended) mended.gone = true;
    if (outcome === 'stored') this.stored.push(one);
    if (outcome === 'quarantined') this.quarantine.push({ text: wording(one), gone: false });
    if (outcome === 'sampledOut') this.sampledOut.add(wording(one));
    return outcome;
  }

  private outcomeOf(one: Said, mends: boolean): string {
    const attempts = this.stored.filter((other) => other.source === one.source && other.id === one.id);
    const same = attempts.find(({ attempt }) => attempt === one.attempt);
    if (same && meaning(same) === meaning(one)) return 'duplicate';
    if (same && one.refused === 'no') return 'conflict';
    const isApart = this.sampledOut.has(wording(one)) || this.quarantine.some(({ text }) => text === wording(one));
    if (isApart && !mends) return 'duplicate';
    if (one.refused !== 'no') return one.refused;
    if (attempts.some((other) => whereabouts(other) !== whereabouts(one))) return 'rejected';
    return 'stored';
  }

  /** Count and digest of what counts, by process, key, stage and origin. */
  sums(): Record<string, string> {
    const sums = new Map<string, { events: number; digest: bigint }>();
    for (const one of this.stored) {
      const attempts = this.stored.filter((other) => other.source === one.source && other.id === one.id);
      if (one.attempt < Math.max(...attempts.map(({ attempt }) => attempt))) continue;
      if (one.status !== 'ok' || one.test || one.synthetic) continue;
      const ofKey = this.stored.filter(
        (other) => other.process === one.process && other.key === one.key && !other.test && !other.synthetic,
      );
      const carried = ofKey.flatMap(({ origin }) => (origin === undefined ? [] : [origin]));
      const own = ofKey.filter(({ origin }) => origin === undefined).map(({ at }) => at);
      const origin = one.origin ?? Math.min(...(carried.length > 0 ? carried : own));
      add(sums, `${one.process}/k'${one.key}/${one.stage}/${START + origin * QUARTER}`, 1, digestOf(one));
    }
    return shown(sums);
  }
}

const whereabouts = ({ process, key, stage }: Said): string => `${process}/${key}/${stage}`;
const wording = ({ refused: _, mends: _m, kept: _k, ...rest }: Said): string =>
  JSON.stringify({ ...rest, origin: rest.origin ?? null });
const meaning = (one: Said): string => wording({ ...one, reworded: false });
const digestOf = (one: Said): bigint => Buffer.from(candidate(one, 1).digest, 'hex').readBigInt64LE();

function add(
  sums: Map<string, { events: number; digest: bigint }>,
  name: string,
  events: number,
  digest: bigint,
): void {
  const sum = sums.get(name) ?? { events: 0, digest: 0n };
  sums.set(name, { events: sum.events + events, digest: BigInt.asIntN(64, sum.digest + digest) });
}

/** Sums that are not nothing. */
const shown = (sums: Map<string, { events: number; digest: bigint }>): Record<string, string> =>
  Object.fromEntries(
    [...sums]
      .filter(([, { events, digest }]) => events !== 0 || digest !== 0n)
      .map(([name, { events, digest }]): [string, string] => [name, `${events} of ${digest}`])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const itemOf = ({ identity, payloadHash, attempt, source, process }: Row): QuarantinedItem => ({
  ...{ identity, payloadHash, attempt, source, process },
  form: 'event',
  receivedAt: NOW,
});

function sumsOf({ store }: MemoryIntake): Record<string, string> {
  const sums = new Map<string, { events: number; digest: bigint }>();
  for (const { process, key, stage, originAt, sign, digest } of store.rows)
    add(sums, `${process}/${key}/${stage}/${originAt}`, sign, BigInt(sign) * BigInt(digest));
  return shown(sums);
}

const batches = (most: number) =>
  fc.array(
    fc.record({
      restart: fc.constantFrom('no', 'no', 'no', 'loaded', 'loading'),
      keep: fc.constantFrom('no', 'no', 'whole', 'cut'),
      records: fc.array(said, { minLength: 1, maxLength: most }),
    }),
    { minLength: 1, maxLength: 8 },
  );

describe('what becomes of records', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it('outcomes and sums are those of a model that works everything out anew, after every batch and across restarts', async () => {
    await fc.assert(
      fc.asyncProperty(batches(6), async (all) => {
        const real = new MemoryIntake();
        const naive = new Naive();
        for (const { keep, restart, records } of all) {
          if (keep !== 'no') await real.keep(keep === 'cut');
          if (restart !== 'no') await real.restart(restart === 'loaded');
          const items = real.store.rows.filter(({ outcome }) => outcome === 'quarantined').map(itemOf);
          const mended = records.map(({ mends }) => items[mends - 1]);
          const decisions = await real.take(records.map((one, line) => candidate(one, line, mended[line])));
          expect(decisions.map(({ outcome }) => outcome)).toEqual(
            records.map((one, line) => naive.take(one, mended[line] && one.mends - 1)),
          );
          expect(sumsOf(real)).toEqual(naive.sums());
        }
      }),
      { numRuns: 400 },
    );
  });

  it('a crash that leaves some of an insert, a part for each class, is made good by sending the same again', async () => {
    const classes: readonly RecordClass[] = ['standard', 'audit', 'test', 'quarantine'];
    const crashes = fc.array(fc.option(fc.subarray([...classes]), { nil: classes }), { minLength: 8, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(batches(6), crashes, async (all, left) => {
        const real = new MemoryIntake();
        const naive = new Naive();
        for (const [index, { records: told }] of all.entries()) {
          // Sampling decides by the event, the same at every sending; and replays of the quarantine are no resends.
          const records = told.map((one): Said => ({
            ...one,
            mends: 0,
            refused: one.refused === 'sampledOut' ? 'no' : one.refused,
          }));
          const batch = records.map((one, line) => candidate(one, line));
          await real.take(batch, (one) => left[index]!.includes(one));
          await real.restart(true);
          await real.take(batch);
          records.forEach((one) => naive.take(one));
          expect(sumsOf(real)).toEqual(naive.sums());
        }
      }),
      { numRuns: 300 },
    );
  });

  it('the cut of batches does not matter: one batch leaves the same rows that count as many', async () => {
    await fc.assert(
      fc.asyncProperty(batches(5), async (all) => {
        const [many, one, each] = [new MemoryIntake(), new MemoryIntake(), new MemoryIntake()];
        const records = all.flatMap((batch) => batch.records).map((one, line) => candidate(one, line));
        let from = 0;
        for (const batch of all) {
          await many.take(records.slice(from, from + batch.records.length));
          from += batch.records.length;
        }
        await one.take(records);
        for (const record of records) await each.take([record]);
        const live = ({ store }: MemoryIntake) =>
          liveOf(store.rows)
            .map((row) => `${row.identity}/${row.attempt}/${row.stage}/${row.originAt}/${row.digest}/${row.agreed}`)
            .sort();
        expect(live(many)).toEqual(live(one));
        expect(live(each)).toEqual(live(one));
      }),
      { numRuns: 150 },
    );
  });

  it('batches that have nothing in common come to the same side by side as one after the other', async () => {
    let side = 0;
    await fc.assert(
      fc.asyncProperty(batches(5), fc.array(said, { minLength: 1, maxLength: 8 }), async (all, others) => {
        const [beside, after] = [new MemoryIntake(), new MemoryIntake()];
        const last = all.at(-1)!;
        for (const { records } of all.slice(0, -1))
          for (const real of [beside, after]) await real.take(records.map((one, line) => candidate(one, line)));
        const items = after.store.rows.filter(({ outcome }) => outcome === 'quarantined').map(itemOf);
        const of = (some: readonly Said[]) => some.map((one, line) => candidate(one, line, items[one.mends - 1]));
        const batch = of(last.records);
        const apart = of(others).filter((one) => !new Footprint(batch).touches([one]));
        side += apart.length;
        const outcomes = (decisions: readonly { outcome: string }[]) => decisions.map(({ outcome }) => outcome);
        const told = [await after.take(batch), await after.take(apart)].map(outcomes);
        const [first, second] = [await beside.decided(batch), await beside.decided(apart)];
        expect([second(), first()].map(outcomes)).toEqual(told.reverse());
        expect(sumsOf(beside)).toEqual(sumsOf(after));
      }),
      { numRuns: 300 },
    );
    expect(side).toBeGreaterThan(100);
  });

  it('a stored row that counts is of the highest attempt, and its event is there once', async () => {
    await fc.assert(
      fc.asyncProperty(batches(6), async (all) => {
        const real = new MemoryIntake();
        for (const { records } of all) await real.take(records.map((one, line) => candidate(one, line)));
        const live = liveOf(real.store.rows);
        expect(new Set(live.map(({ identity }) => identity)).size).toBe(live.length);
        for (const { identity, attempt } of live) {
          const attempts = real.store.rows.filter((row) => row.identity === identity && row.outcome === 'stored');
          expect(attempt).toBe(Math.max(...attempts.map((row) => row.attempt)));
        }
      }),
      { numRuns: 100 },
    );
  });
});
