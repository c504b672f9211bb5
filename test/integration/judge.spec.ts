import { definitionOf, type Process } from '@holdfast/domains/catalog/core/process';
import { EvidenceStore } from '@holdfast/domains/reconciliation/evidence.store';
import { Judge } from '@holdfast/domains/reconciliation/judge';
import { ReconciliationStore } from '@holdfast/domains/reconciliation/reconciliation.store';
import { formatInstant, newId } from '@holdfast/kernel';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';
import * as fc from 'fast-check';
import { at, IntakeStack } from '../intake/stack';

const FROM = at('2026-11-10T08:00:00Z');
const TO = at('2026-11-10T11:00:00Z');
const GRACE_SECONDS = 900;
const MINUTE = 60_000_000;
const STAGES = ['shop', 'hub', 'erp'];
type Kind = 'missing' | 'duplicate' | 'mutated' | 'late' | 'orphan';

/** One event as the model knows it; amounts in whole cents. */
interface Step {
  readonly key: string;
  readonly stage: string;
  readonly cents: number;
  readonly currency: string;
  /** Minutes of the key's business fact after the window's start; outside of the window beyond its 180. */
  readonly origin: number;
  /** Whether the event says so itself. Only a key of which some event does leaves it out at others. */
  readonly carries: boolean;
  readonly late: boolean;
}

const ODD_KEYS = [
  "o'clock",
  'back\\slash \\n',
  'tab\tline\nreturn\r',
  '"double" {x:String}',
  '漢字 😀',
  'nul\u0000key',
  '\\N',
  'x'.repeat(290),
];

/** A key's way through the stages: mostly right, sometimes not. */
const keyOf = (index: number, stages: number) =>
  fc
    .record({
      odd: fc.option(fc.constantFrom(...ODD_KEYS), { nil: undefined, freq: 4 }),
      origin: fc.integer({ min: -10, max: 190 }),
      events: fc.integer({ min: 1, max: 3 }),
      copies: fc.array(fc.constantFrom(1, 1, 1, 1, 1, 0, 2), { minLength: 9, maxLength: 9 }),
      changes: fc.array(fc.constantFrom(0, 0, 0, 0, 0, 1, 500), { minLength: 9, maxLength: 9 }),
      late: fc.array(
        fc.integer({ min: 0, max: 14 }).map((n) => n === 0),
        { minLength: 9, maxLength: 9 },
      ),
      carriedAt: fc.integer({ min: 0, max: 3 }),
      currency: fc.constantFrom('EUR', 'eur', 'USD'),
    })
    .map(({ odd, origin, events, copies, changes, late, carriedAt, currency }) => {
      const steps: Step[] = [];
      for (let stage = 0; stage < stages; stage++)
        for (let one = 0; one < events; one++)
          for (let copy = 0; copy < copies[stage * 3 + one]!; copy++)
            steps.push({
              key: `${index}-${odd ?? ''}`,
              stage: STAGES[stage]!,
              cents: 1_000 * (one + 1) + changes[stage * 3 + one]!,
              currency: stage === 1 ? currency.toUpperCase() : currency,
              origin,
              carries: carriedAt === 3 || carriedAt === stage,
              late: late[stage * 3 + one]!,
            });
      // Where nobody carries the origin, it would be the earliest event's own time: all do.
      return steps.some(({ carries }) => carries) ? steps : steps.map((step) => ({ ...step, carries: true }));
    });

const scene = fc
  .record({
    stages: fc.constantFrom(2, 3),
    cardinality: fc.constantFrom('1:1' as const, '1:n' as const),
    tolerance: fc.constantFrom(undefined, 1, 500),
    fold: fc.boolean(),
    fields: fc.constantFrom(0, 2),
    keys: fc.integer({ min: 1, max: 12 }),
    batches: fc.integer({ min: 1, max: 3 }),
    shuffle: fc.nat(),
  })
  .chain(({ keys, stages, ...rest }) =>
    fc.record({
      ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, fc.constant(value)])),
      stages: fc.constant(stages),
      steps: fc.tuple(...Array.from({ length: keys }, (_, i) => keyOf(i, stages))).map((all) => all.flat()),
    }),
  ) as unknown as fc.Arbitrary<Scene>;
interface Scene {
  readonly stages: number;
  readonly cardinality: '1:1' | '1:n';
  readonly tolerance: number | undefined;
  readonly fold: boolean;
  readonly fields: number;
  readonly batches: number;
  readonly shuffle: number;
  readonly steps: readonly Step[];
}

/** What is wrong in a window, found by trying everything. */
function naive({ steps, stages, cardinality, tolerance, fold, fields }: Scene): string[] {
  const found: string[] = [];
  const within = steps.filter(({ origin }) => origin >= 0 && origin < 180);
  for (const key of new Set(within.map((step) => step.key)))
    for (let i = 0; i < stages; i++) {
      const stage = STAGES[i]!;
      const hop = i === 0 ? stage : `${STAGES[i - 1]!}->${stage}`;
      const tell = (kind: Kind): void => void found.push(JSON.stringify([key, stage, kind, hop]));
      const arrived = within.filter((step) => step.key === key && step.stage === stage);
      if (arrived.some(({ late }) => late)) tell('late');
      if (i === 0) continue;
      const sent = within.filter((step) => step.key === key && step.stage === STAGES[i - 1]);
      if (sent.length === 0 && arrived.length > 0) tell('orphan');
      if (cardinality === '1:1' && sent.length > 0 && arrived.length > sent.length) tell('duplicate');
      const agree = (a: Step, b: Step): boolean =>
        fields === 0 ||
        (Math.abs(a.cents - b.cents) <= (tolerance ?? 0) &&
          (fold ? a.currency.toLowerCase() === b.currency.toLowerCase() : a.currency === b.currency));
      const pairs = (from: number, free: readonly Step[]): number =>
        from === sent.length
          ? 0
          : Math.max(
              pairs(from + 1, free),
              ...free.map((one, at) =>
                agree(sent[from]!, one) ? 1 + pairs(from + 1, [...free.slice(0, at), ...free.slice(at + 1)]) : 0,
              ),
            );
      const most = pairs(0, arrived);
      const strange = arrived.filter((one) => !sent.some((other) => agree(other, one))).length;
      const changed = cardinality === '1:1' ? Math.min(sent.length, arrived.length) - most : strange;
      if (sent.length - most - changed > 0) tell('missing');
      if (sent.length > 0 && changed > 0) tell('mutated');
    }
  return found.sort();
}

/** Two stages that agree on everything, told in one batch. */
const TWO_STAGES = {
  stages: 2,
  cardinality: '1:1',
  tolerance: undefined,
  fold: false,
  fields: 2,
  batches: 1,
  shuffle: 1,
} as const;

describe('the judge on a real engine', () => {
  let engine: EmbeddedClickHouse;
  let stack: IntakeStack;
  let judge: Judge;
  let store: ReconciliationStore;

  beforeAll(async () => {
    engine = await startEmbeddedClickHouse();
    stack = await IntakeStack.start(engine);
    store = new ReconciliationStore(stack.clickhouse);
    judge = new Judge(new EvidenceStore(stack.clickhouse), store);
  });
  afterAll(async () => {
    await stack.stop();
    await engine.stop();
  });

  const definition = ({ stages, cardinality, tolerance, fold, fields }: Omit<Scene, 'steps'>) => ({
    stages: STAGES.slice(0, stages).map((id, i) => ({ id, role: i === 0 ? ('source' as const) : ('target' as const) })),
    fields: [
      {
        name: 'total.amount',
        ...(tolerance !== undefined && { tolerance: { kind: 'absolute' as const, by: tolerance / 100 } }),
      },
      { name: 'currency', ...(fold && { tolerance: { kind: 'case' as const } }) },
    ].slice(0, fields),
    cardinality,
    graceSeconds: GRACE_SECONDS,
    window: { seconds: 10_800, scheduled: false },
  });

  const eventOf = (process: string, { key, stage, cents, currency, origin, carries, late }: Step, index: number) => ({
    id: `${index}`,
    source: process,
    process,
    stage,
    key,
    type: 't',
    occurredAt: formatInstant(
      late ? TO + GRACE_SECONDS * 1_000_000 + MINUTE + index : FROM + origin * MINUTE + 1 + index,
    ),
    ...(carries && { originAt: formatInstant(FROM + origin * MINUTE) }),
    data: { total: { amount: cents / 100 }, currency },
  });

  async function ingest(process: string, { steps, batches, shuffle }: Scene): Promise<void> {
    const events = steps
      .map((step, index) => ({ event: eventOf(process, step, index), place: Math.imul(index + 1, shuffle | 1) >>> 0 }))
      .sort((a, b) => a.place - b.place)
      .map(({ event }) => event);
    const size = Math.max(1, Math.ceil(events.length / batches));
    for (let from = 0; from < events.length; from += size) {
      const { status, body } = await stack.postLines(events.slice(from, from + size));
      expect([status, body['rejected'] ?? body]).toEqual([200, 0]);
    }
  }

  async function judged(id: string, of: ReturnType<typeof definition>) {
    const process: Process = { ...of, id, version: 1, retentionClass: 'standard' };
    const name = `${id}-${newId()}`;
    const finding = await judge.judge(
      { process: id, from: FROM, to: TO },
      name,
      process,
      TO + GRACE_SECONDS * 1_000_000,
      { signal: new AbortController().signal, from: undefined, save: () => undefined },
    );
    const every = { kind: '', stage: '', hop: '', rank: '', key: '', status: '' } as const;
    const nowhere = { afterKey: '', afterStage: '', afterKind: '' };
    const rows = await store.discrepancies(name, finding.judgement, every, nowhere, 10_000);
    return {
      finding,
      rows,
      found: rows.map(({ key, stage, kind, hop }) => JSON.stringify([key, stage, kind, hop])).sort(),
    };
  }

  const used: string[] = [];
  const fresh = (): string => {
    used.push('');
    return `p${used.length}`;
  };

  it('finds exactly what a model finds that tries everything', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (one) => {
        const process = fresh();
        const of = definition(one);
        await stack.putProcess(process, of);
        await ingest(process, one);
        const wanted = naive(one);
        const { found, finding } = await judged(process, of);
        expect(found).toEqual(wanted);
        if (wanted.length > 0) expect(finding.lookedAtKeys).toBe(true);
        const within = one.steps.filter(({ origin }) => origin >= 0 && origin < 180);
        expect(finding.stageCounts).toEqual(
          Object.fromEntries(
            of.stages.map(({ id }) => [id, within.filter(({ stage }) => stage === id).length] as const),
          ),
        );
      }),
      { numRuns: 25, endOnFailure: true },
    );
  }, 200_000);

  it('a process whose fields changed after its events came is judged as if it had always been so', async () => {
    await fc.assert(
      fc.asyncProperty(scene, scene, async (one, other) => {
        const changed: Scene = {
          ...one,
          tolerance: other.tolerance,
          fold: !one.fold,
          fields: 2 - one.fields,
          cardinality: other.cardinality,
        };
        const process = fresh();
        const [before, after] = [definition(one), definition(changed)];
        await stack.putProcess(process, before);
        await ingest(process, one);
        expect(definitionOf(before)).not.toBe(definitionOf(after));
        const { found } = await judged(process, after);
        expect(found).toEqual(naive(changed));
        // More events after the change: rows of both definitions stand side by side, once intake has seen the new one.
        const more: Scene = {
          ...changed,
          steps: other.steps
            .filter(({ stage }) => STAGES.indexOf(stage) < one.stages)
            .map((step) => ({ ...step, key: `+${step.key}`, carries: true })),
        };
        await stack.putProcess(process, after, 2);
        await ingest(process, { ...more, steps: [...one.steps, ...more.steps], batches: 1, shuffle: 1 });
        expect((await judged(process, after)).found).toEqual(
          naive({ ...changed, steps: [...one.steps, ...more.steps] }),
        );
      }),
      { numRuns: 6, endOnFailure: true },
    );
  }, 200_000);

  it('a matched window is matched by its digests, and a late event makes it gaps until the missing one comes', async () => {
    const process = fresh();
    const of = definition(TWO_STAGES);
    await stack.putProcess(process, of);
    const step = (stage: string, key: string): Step => ({
      key,
      stage,
      cents: 100,
      currency: 'EUR',
      origin: 5,
      carries: true,
      late: false,
    });
    const steps = ODD_KEYS.flatMap((key) => [step('shop', key), step('hub', key)]);
    await ingest(process, { ...TWO_STAGES, steps });
    const matched = await judged(process, of);
    expect([matched.found, matched.finding.lookedAtKeys]).toEqual([[], false]);
    const [lost, healing] = [
      [...steps, step('shop', 'new')],
      [...steps, step('shop', 'new'), step('hub', 'new')],
    ];
    await ingest(process, { ...TWO_STAGES, steps: lost });
    const gaps = await judged(process, of);
    expect(gaps.found).toEqual([JSON.stringify(['new', 'hub', 'missing', 'shop->hub'])]);
    expect(gaps.finding.fingerprint).not.toBe(matched.finding.fingerprint);
    await ingest(process, { ...TWO_STAGES, steps: healing });
    expect((await judged(process, of)).finding.lookedAtKeys).toBe(false);
  });

  it('a key whose stages carry origins in different hours of the window is compared over all of them', async () => {
    const process = fresh();
    const of = definition(TWO_STAGES);
    await stack.putProcess(process, of);
    const step = (stage: string, key: string, origin: number): Step => ({
      key,
      stage,
      cents: 100,
      currency: 'EUR',
      origin,
      carries: true,
      late: false,
    });
    const steps = [step('shop', 'split', 59), step('hub', 'split', 61), step('shop', 'lost', 130)];
    await ingest(process, { ...TWO_STAGES, steps });
    expect((await judged(process, of)).found).toEqual([JSON.stringify(['lost', 'hub', 'missing', 'shop->hub'])]);
    // Whole in one hour, and once too often in another.
    await ingest(process, {
      ...TWO_STAGES,
      steps: [
        ...steps,
        step('shop', 'twice', 5),
        step('hub', 'twice', 5),
        { ...step('hub', 'twice', 170), cents: 101 },
      ],
    });
    expect((await judged(process, of)).found).toContain(JSON.stringify(['twice', 'hub', 'duplicate', 'shop->hub']));
    expect((await judged(process, of)).found).toHaveLength(2);
  });

  it('of a key that is only late, all hours are looked at', async () => {
    const process = fresh();
    await stack.putProcess(process, definition(TWO_STAGES));
    const step = { key: 'k', cents: 100, currency: 'EUR', carries: true };
    await ingest(process, {
      ...TWO_STAGES,
      steps: [
        { ...step, stage: 'shop', origin: 59, late: false },
        { ...step, stage: 'hub', origin: 61, late: true },
      ],
    });
    expect((await judged(process, definition(TWO_STAGES))).found).toEqual([
      JSON.stringify(['k', 'hub', 'late', 'shop->hub']),
    ]);
  });

  it('amounts of more digits than a double holds are compared, and shown as they are', async () => {
    const process = fresh();
    const of = definition(TWO_STAGES);
    await stack.putProcess(process, of);
    const send = async (stage: string, amount: string) => {
      const step = { key: 'k', stage, cents: 0, currency: 'EUR', origin: 1, carries: true, late: false };
      const body = JSON.stringify(eventOf(process, step, STAGES.indexOf(stage))).replace(
        '"amount":0',
        `"amount":${amount}`,
      );
      expect((await stack.post(body)).status).toBe(200);
    };
    await send('shop', '12345678901234567.10');
    await send('hub', '12345678901234567.2');
    const { rows } = await judged(process, of);
    expect(rows).toMatchObject([{ kind: 'mutated', field: 'total.amount' }]);
    expect(JSON.parse(rows[0]!.expected)).toEqual({ 'total.amount': '123456789012345671e-1' });
    const wide = definition({
      stages: 2,
      cardinality: '1:1',
      tolerance: 100,
      fold: false,
      fields: 2,
      batches: 1,
      shuffle: 1,
    });
    expect((await judged(process, wide)).found).toEqual([]);
  });
});
