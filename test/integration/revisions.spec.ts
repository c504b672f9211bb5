import { formatInstant, type Micros } from '@holdfast/kernel';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import * as fc from 'fast-check';
import {
  HOUR,
  MINUTE,
  minuteOf,
  processOn,
  STAGES,
  startStage,
  type StageName,
  until,
  windowOn,
  type Stage,
} from '../workflow/stage';

let temporal: TemporalServer;
let stage: Stage;
let processes = 0;

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  stage = await startStage(temporal.address, { HOLDFAST_LATE_EVENTS_EVERY_MS: '100' });
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
});

const hourAgo = (hours: number): Micros => minuteOf(Date.now() * 1000) - hours * HOUR;

// Its Schedule is made, and its batch looked for, while the others run.
const BATCHES = 'nightly-file';
const batchAt = hourAgo(1) + 12_345_678;
beforeAll(async () => {
  const stages = [
    { id: 'shop', role: 'source' },
    { id: 'mainframe', role: 'target' },
    { id: 'control', role: 'observer' },
  ];
  const window = { opensOn: { stage: 'control', type: 'batch-end' }, scheduled: true };
  const body = { stages, window, graceSeconds: 0 };
  expect((await stage.call('PUT', `/v1/processes/${BATCHES}`, { body })).status).toBe(200);
});

/** What a model knows of a window: which keys were told of at which stages. */
class Model {
  private readonly told = new Map<string, Set<StageName>>();

  tell(key: string, stage: StageName): void {
    this.told.set(key, (this.told.get(key) ?? new Set()).add(stage));
  }

  get discrepancies(): string[] {
    const found: string[] = [];
    for (const [key, at] of this.told)
      STAGES.slice(1).forEach((stage, index) => {
        const before = STAGES[index]!;
        if (at.has(before) && !at.has(stage)) found.push(`${key} missing ${before}->${stage}`);
        if (!at.has(before) && at.has(stage)) found.push(`${key} orphan ${before}->${stage}`);
      });
    return found.sort();
  }

  /** What the newest verdict is called, whatever came before it. */
  stateAfter(hadGaps: boolean): string {
    return this.discrepancies.length > 0 ? 'gaps' : hadGaps ? 'healed' : 'matched';
  }
}

const arrivals = fc.array(
  fc.array(
    fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), stage: fc.constantFrom(...STAGES), later: fc.nat(59) }),
    {
      minLength: 1,
      maxLength: 4,
    },
  ),
  { minLength: 2, maxLength: 5 },
);

it('a window is revised by itself for whatever comes late, to what a model says, and what was said before stays', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, async (batches) => {
      const { id, tell, open } = await processOn(stage, `late-${(processes += 1)}`, { cardinality: 'n:m' });
      const to = hourAgo(2);
      const model = new Model();
      const window = await open(to - HOUR, to);
      await window.is('matched');
      const said: { revision: number; found: string[] }[] = [];
      const foundIn = async (revision?: number): Promise<string[]> =>
        (await window.discrepancies(`limit=1000${revision === undefined ? '' : `&revision=${revision}`}`))
          .filter(({ kind }) => kind !== 'late')
          .map(({ key, kind, hop }) => `${key} ${kind} ${hop}`)
          .sort();
      let hadGaps = false;
      for (const batch of batches) {
        for (const one of batch) {
          await tell(to - HOUR + one.later * MINUTE, one.key, [one.stage]);
          model.tell(one.key, one.stage);
        }
        const wanted = model.discrepancies.join();
        const state = (): string => model.stateAfter(hadGaps);
        await until(`${id} says ${wanted}`, async () => {
          const { state: is, verdict } = await window.get();
          hadGaps ||= (await window.revisions()).some((one) => one.state === 'gaps');
          return verdict !== null && is === state() && (await foundIn()).join() === wanted;
        });
        const { revision } = (await window.get()).verdict;
        said.push({ revision, found: await foundIn(revision) });
      }
      const revisions = await window.revisions();
      expect(revisions.map(({ revision }) => revision)).toEqual(revisions.map((_, index) => index + 1));
      for (const { revision, found } of said) expect(await foundIn(revision)).toEqual(found);
    }),
    { numRuns: 5, endOnFailure: true },
  );
}, 240_000);

it('the end of a batch opens the window of what came since the one before', async () => {
  const event = (id: string, at: Micros, what: object) => ({
    id,
    source: 'mainframe',
    process: BATCHES,
    key: id,
    type: 'order',
    occurredAt: formatInstant(at),
    data: {},
    ...what,
  });
  const sent = await stage.call('POST', '/v1/events', {
    body: [
      event('o-1', Date.now() * 1000, { stage: 'shop' }),
      event('run-1', Date.now() * 1000, { stage: 'control', type: 'batch-end' }),
      event('run-0', batchAt, { stage: 'control', type: 'batch-end' }), // before the process was scheduled: nobody's to judge
    ],
  });
  expect(sent.body).toMatchObject({ stored: 3 });
  const { items } = await until(
    'the window of the batch is there',
    async () => {
      const { body } = await stage.call('GET', `/v1/reconciliations?process=${BATCHES}`);
      return body.items.length > 0 && body;
    },
    110,
  );
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ openedBy: null });
  const window = windowOn(stage, items[0].id as string);
  await until('it is judged', async () => (await window.get()).verdict !== null, 110);
  expect((await window.discrepancies()).map(({ key, kind }) => `${key} ${kind}`)).toEqual(['o-1 missing']);
}, 240_000);
