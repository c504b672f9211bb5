import type { HoldState } from '@holdfast/domains/holds/core/hold';
import { holds } from '@holdfast/domains/holds/core/hold';
import type { HoldScope } from '@holdfast/domains/holds/core/scope';
import * as fc from 'fast-check';
import {
  type HoldStage,
  MortalClickHouse,
  partsOn,
  type PlainRecord,
  SleepyClickHouse,
  startHoldStage,
  versionOf,
} from './hold-stage';

/** Runs and steps; more by HOLDFAST_MODEL_RUNS. docs/models/holds.md says in words what is checked here. */
const RUNS = Number(process.env['HOLDFAST_MODEL_RUNS'] ?? 12);
const STEPS = 14;
const MONTHS = ['2019-05', '2019-06'] as const;
const PARTITIONS = MONTHS.flatMap((month) => [
  { id: `1-${month.replace('-', '')}`, class: 'standard', month },
  { id: `6-${month.replace('-', '')}`, class: 'audit', month },
]);
type Partition = (typeof PARTITIONS)[number];

let stage: HoldStage;
beforeAll(async () => {
  stage = await startHoldStage();
});
afterAll(() => stage?.stop());

/** What is to be so, kept by the simplest means: a list. */
interface Model {
  records: PlainRecord[];
  readonly holds: Map<string, { scope: HoldScope; state: HoldState; version: number }>;
  /** Ids of records that were there when something was held that they fit, or came while it was. */
  guarded: Set<string>;
  made: number;
  /** Purges that sleep somewhere. */
  readonly sleeping: { wake(): void; readonly ended: Promise<unknown>; readonly partition: string }[];
}

const fits = (scope: HoldScope, one: PlainRecord): boolean =>
  scope.everything === true ||
  ((scope.processes?.includes(one.process) ?? true) &&
    (scope.keys?.includes(one.key) ?? true) &&
    (scope.types?.includes(one.type ?? '') ?? true) &&
    (scope.classes?.includes(one.class ?? '') ?? true) &&
    (scope.subject === undefined ||
      scope.subject.aliases.some((name) => name === one.key || name === one.correlation)) &&
    (scope.fields ?? []).every(({ in: wanted }) => wanted.includes(String((one.data as { amount?: number }).amount))));
const inForce = (model: Model): HoldScope[] =>
  [...model.holds.values()].filter(({ state }) => holds(state)).map(({ scope }) => scope);
const isHeld = (model: Model, one: PlainRecord): boolean => inForce(model).some((scope) => fits(scope, one));
const partitionOf = (one: PlainRecord): string =>
  `${one.class === 'audit' ? 6 : 1}-${one.on.slice(0, 7).replace('-', '')}`;

/** At no moment is a held record missing. */
async function checkGuarded(model: Model): Promise<Set<string>> {
  const there = new Set(await stage.ids());
  expect([...model.guarded].filter((id) => !there.has(id))).toEqual([]);
  return there;
}

/** What the engine has now is what may be guarded from now on. */
async function look(model: Model): Promise<void> {
  const there = await checkGuarded(model);
  model.records = model.records.filter(({ id }) => there.has(id));
  model.guarded = new Set(model.records.filter((one) => isHeld(model, one)).map(({ id }) => id));
}

type Step = (model: Model) => Promise<void>;
class Command implements fc.AsyncCommand<Model, HoldStage> {
  constructor(
    private readonly name: string,
    private readonly step: Step,
  ) {}
  check = (): boolean => true;
  async run(model: Model): Promise<void> {
    await this.step(model);
    await look(model);
  }
  toString = (): string => this.name;
}

const scope: fc.Arbitrary<HoldScope> = fc.oneof(
  fc.record({ processes: fc.constant(['p']), keys: fc.subarray(['a', 'b', 'c'], { minLength: 1 }) }),
  fc.constantFrom<HoldScope>(
    { subject: { aliases: ['a', 'trace-1'] } },
    { processes: ['q'] },
    { types: ['invoice'] },
    { processes: ['p'], fields: [{ path: 'amount', in: ['1', '2'] }] },
    { classes: ['audit'], types: ['order'] },
    { everything: true },
  ),
);
const plain = fc.record({
  process: fc.constantFrom('p', 'q'),
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  type: fc.constantFrom('order', 'invoice'),
  correlation: fc.constantFrom('', 'trace-1', 'trace-2'),
  class: fc.constantFrom('standard', 'audit'),
  on: fc.constantFrom(...MONTHS).map((month) => `${month}-07`),
  data: fc.record({ amount: fc.integer({ min: 1, max: 4 }) }),
});
const partition = fc.constantFrom(...PARTITIONS);
/** Which process a policy keeps: nothing is due of it. */
const policy = fc.constantFrom(undefined, 'p', 'q');

const arrive =
  (some: readonly Omit<PlainRecord, 'id'>[]): Step =>
  async (model) => {
    // None comes into a month that is over: that is what a purge may go by.
    const closed = new Set(model.sleeping.map((one) => one.partition));
    const named = some.map((one): PlainRecord => ({ ...one, id: `r${(model.made += 1)}` }));
    const records = named.filter((one) => !closed.has(partitionOf(one)));
    await stage.insert(records);
    model.records.push(...records);
  };

const place =
  (of: HoldScope): Step =>
  async (model) => {
    const hold = `h-${(model.made += 1)}`;
    await partsOn(stage.clickhouse).enforcer.enforce(versionOf(hold, of));
    model.holds.set(hold, { scope: of, state: 'in_force', version: 1 });
  };

const change =
  (which: number, state: HoldState, of: HoldScope | undefined): Step =>
  async (model) => {
    const [hold, known] = [...model.holds][which % Math.max(1, model.holds.size)] ?? [];
    if (hold === undefined || !known || !holds(known.state)) return;
    const next = { scope: of ?? known.scope, state, version: known.version + 1 };
    await partsOn(stage.clickhouse).enforcer.enforce(versionOf(hold, next.scope, state, next.version));
    model.holds.set(hold, next);
  };

const keeping =
  (of: Partition, kept: string | undefined) =>
  async (table: string, held: { finding: string; processes: readonly string[] }) => {
    if (kept === undefined || held.processes.includes(kept)) return;
    const own = `SELECT * FROM tracking_records WHERE _partition_id = '${of.id}' AND process = '${kept}'`;
    await stage.sql.command({
      query: `INSERT INTO ${table} ${own} AND (process, key) NOT IN (SELECT process, key FROM held_keys WHERE finding = '${held.finding}')`,
    });
  };

/** After a purge that went through, what is left of the partition is what is held or not due, and nothing more. */
const purge =
  (of: Partition, kept: string | undefined): Step =>
  async (model) => {
    await partsOn(stage.clickhouse).purger.purge(of, keeping(of, kept));
    const own = model.records.filter((one) => partitionOf(one) === of.id);
    const heldKeys = new Set(own.filter((one) => isHeld(model, one)).map(({ process, key }) => `${process}/${key}`));
    const expected = own
      .filter(({ process, key }) => process === kept || heldKeys.has(`${process}/${key}`))
      .map(({ id }) => id);
    const there = await stage.rowsOf<{ id: string }>(
      `SELECT id FROM tracking_records WHERE _partition_id = '${of.id}'`,
    );
    expect(there.map(({ id }) => id).sort()).toEqual(expected.sort());
  };

const purgeThatDies =
  (of: Partition, after: number): Step =>
  async () => {
    const mortal = new MortalClickHouse(stage.address);
    mortal.dieAfter(after);
    await partsOn(mortal)
      .purger.purge(of)
      .catch(() => undefined);
    await mortal.close();
  };

const purgeThatSleeps =
  (of: Partition): Step =>
  async (model) => {
    const sleepy = new SleepyClickHouse(stage.address);
    const ended = partsOn(sleepy)
      .purger.purge(of)
      .catch(() => undefined)
      .finally(() => sleepy.close());
    model.sleeping.push({ wake: sleepy.wake, ended, partition: of.id });
    await Promise.race([sleepy.isThere, ended]);
  };

const wake: Step = async (model) => {
  const all = model.sleeping.splice(0);
  for (const one of all) one.wake();
  await Promise.all(all.map(({ ended }) => ended));
};

/** What is there when the hold is, is guarded, wherever the purge is by then. */
const race =
  (of: Partition, held: HoldScope): Step =>
  async (model) => {
    const purged = partsOn(stage.clickhouse).purger.purge(of);
    await Promise.all([purged, place(held)(model).then(() => look(model))]);
  };

/** A hold is placed while a purge sleeps that has found before what it may delete; then that wakes. */
const overtake =
  (of: Partition, held: HoldScope): Step =>
  async (model) => {
    await purgeThatSleeps(of)(model);
    await place(held)(model);
    await look(model);
    await wake(model);
  };

const commands = [
  fc
    .tuple(partition, scope)
    .map(([of, held]) => new Command(`overtake ${of.id} ${JSON.stringify(held)}`, overtake(of, held))),
  fc
    .array(plain, { minLength: 1, maxLength: 8 })
    .map((some) => new Command(`arrive ${JSON.stringify(some)}`, arrive(some))),
  scope.map((of) => new Command(`place ${JSON.stringify(of)}`, place(of))),
  fc
    .tuple(
      fc.nat(5),
      fc.constantFrom<HoldState>('in_force', 'releasing', 'released'),
      fc.option(scope, { nil: undefined }),
    )
    .map(
      ([which, state, of]) => new Command(`change ${which} ${state} ${JSON.stringify(of)}`, change(which, state, of)),
    ),
  fc.tuple(partition, policy).map(([of, kept]) => new Command(`purge ${of.id} but ${kept}`, purge(of, kept))),
  fc
    .tuple(partition, fc.integer({ min: 1, max: 16 }))
    .map(([of, n]) => new Command(`purge ${of.id}, dies after ${n}`, purgeThatDies(of, n))),
  partition.map((of) => new Command(`purge ${of.id}, sleeps`, purgeThatSleeps(of))),
  fc.constant(new Command('wake', wake)),
  fc.tuple(partition, scope).map(([of, held]) => new Command(`race ${of.id} ${JSON.stringify(held)}`, race(of, held))),
];

test('at no moment is a held record missing, whatever is deleted, placed, released, dies or sleeps', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(plain, { minLength: 8, maxLength: 16 }),
      fc.commands(commands, { maxCommands: STEPS, size: 'max' }),
      async (first, steps) => {
        await stage.clear();
        // There is something to lose from the beginning.
        const model: Model = { records: [], holds: new Map(), guarded: new Set(), made: 0, sleeping: [] };
        await arrive(first)(model);
        try {
          await fc.asyncModelRun(() => ({ model, real: stage }), steps);
        } finally {
          await wake(model);
          await checkGuarded(model);
        }
      },
    ),
    {
      numRuns: RUNS,
      endOnFailure: true,
      ...(process.env['HOLDFAST_MODEL_SEED'] && { seed: Number(process.env['HOLDFAST_MODEL_SEED']) }),
    },
  );
}, 600_000);
