import * as fc from 'fast-check';
import { create, eventually, openStage, type Stage } from './stage';
import { type Said } from './intake-model';
import { type Crash, IntakePlayer, PROCESS, type Step, textOf, TYPE } from './intake-player';
import { Streamed } from '../intake/streamed';

/**
 * Plays random schedules of batches, retries, streams that break off, quarantine and kill -9 against the real processes, and holds every answer, the account
 * and the stored rows against a model. HOLDFAST_FAULT_SCHEDULES=50 plays more, HOLDFAST_FAULT_SEED repeats a run.
 */
const SCHEDULES = Number(process.env['HOLDFAST_FAULT_SCHEDULES'] ?? 3);
const SEED = process.env['HOLDFAST_FAULT_SEED'];
const STEP_MS = 600_000;

const said: fc.Arbitrary<Said> = fc.record({
  id: fc.integer({ min: 1, max: 8 }),
  attempt: fc.constantFrom(1, 1, 1, 2, 3),
  moved: fc.constantFrom(false, false, false, false, false, true),
  amount: fc.constantFrom(1, 1, 1, 2, -1, -2),
  reworded: fc.boolean(),
  fault: fc.constantFrom('none', 'none', 'none', 'none', 'none', 'none', 'no-key', 'unknown-stage'),
});
const records = (most: number) => fc.array(said, { minLength: 1, maxLength: most });
const crash: fc.Arbitrary<Crash> = fc.record({
  victim: fc.constantFrom('api', 'clickhouse'),
  afterMs: fc.integer({ min: 0, max: 120 }),
});
const seldom = fc.option(crash, { nil: undefined, freq: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('send' as const), records: records(15), crash: seldom }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('stream' as const),
      records: fc.array(said, { minLength: 4, maxLength: 24 }),
      slice: fc.integer({ min: 2, max: 8 }),
      cutAt: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined, freq: 1 }),
      crash: seldom,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('mend' as const),
      nth: fc.nat(20),
      amount: fc.constantFrom(1, 2),
      crash: fc.option(crash, { nil: undefined, freq: 1 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('discard' as const), nth: fc.nat(20), crash: fc.constant(undefined) }),
  },
);
const steps = fc.array(step, { minLength: 6, maxLength: 10, size: 'max' });

describe('intake under random schedules', () => {
  let stage: Stage;
  let hasFailed = false;

  beforeAll(async () => {
    stage = await openStage();
    const client = stage.client();
    await create(client, `/v1/processes/${PROCESS}`, {
      stages: [
        { id: 'shop', role: 'source' },
        { id: 'erp', role: 'target' },
      ],
      fields: [{ name: 'amount' }],
    });
    await create(client, `/v1/contracts/${TYPE}`, {
      owner: 'orders-team',
      steward: 'orders-steward',
      enforcement: 'quarantine',
      schema: { type: 'object', properties: { amount: { type: 'number', minimum: 0 } }, required: ['amount'] },
    });
    // Intake hears of a contract a moment later.
    let number = 0;
    await eventually('intake knows the contract', async () => {
      const bad: Said = { id: ++number, attempt: 1, moved: false, amount: -1, reworded: false, fault: 'none' };
      const { quarantined } = await client.sendEvents(Buffer.from(textOf('probe', bad)), 'application/x-ndjson');
      return quarantined === 1 || undefined;
    });
  }, STEP_MS);

  afterAll(async () => stage.close(hasFailed), STEP_MS);

  test(
    'answers, account and stored records are those of the model',
    async () => {
      const kinds = new Set<string>();
      let number = 0;
      let crashes = 0;
      try {
        await fc.assert(
          fc.asyncProperty(steps, async (schedule) => {
            const player = new IntakePlayer(stage, `source-${++number}`);
            // What there is to a schedule in any case: something is stored, something waits, and is sent again.
            const opening = Array.from({ length: 8 }, (_, index): Said => ({
              ...{ id: index + 1, attempt: 1, moved: false, reworded: false, fault: 'none' },
              amount: index < 3 ? -1 : 1,
            }));
            for (const one of [{ kind: 'send', records: opening, crash: undefined } as const, ...schedule]) {
              kinds.add(one.kind);
              await player.play(one);
            }
            await player.end();
            crashes += player.crashes.length;
          }),
          { numRuns: SCHEDULES, endOnFailure: true, ...(SEED !== undefined && { seed: Number(SEED) }) },
        );
      } catch (error) {
        hasFailed = true;
        throw error;
      }
      expect(crashes).toBeGreaterThanOrEqual(SCHEDULES);
    },
    STEP_MS * 6,
  );

  test.each(['api', 'clickhouse'] as const)(
    'kill -9 of %s in the middle of a streamed body: what was acknowledged is there, and the rest is taken from behind it',
    async (victim) => {
      await stage.stack.ready(180_000);
      const source = `streamed-${victim}`;
      const target = { address: stage.stack.url, key: stage.stack.adminKey() };
      const lineOf = (id: number): string =>
        textOf(source, { id, attempt: 1, moved: false, amount: 1, reworded: false, fault: 'none' });
      const slice = 200;
      const most = 40_000;
      const body = Streamed.open(target);
      let ended = false;
      const over = body.ended.then(() => void (ended = true));
      let sent = 0;
      let kill: Promise<unknown> = Promise.resolve();
      let isKilled = false;
      while (!ended && sent < most) {
        const some = Array.from({ length: slice }, (_, index) => lineOf(sent + index));
        sent += slice;
        await Promise.race([body.send(some), over]);
        if (!isKilled && body.acknowledged > 0 && sent > body.acknowledged + slice) {
          isKilled = true;
          expect(stage.stack.kill(victim)).toBe(true);
          kill = stage.stack.ready(180_000);
        }
      }
      const last = ended ? body.lines.at(-1) : await body.finish().catch(() => undefined);
      await kill;
      expect(isKilled).toBe(true);
      // The API survives an engine that comes back; without the API, the stream has broken off.
      if (victim === 'api') expect(last).not.toHaveProperty('done');
      const { acknowledged } = body;
      expect(acknowledged).toBeGreaterThan(0);
      const stored = async (): Promise<number[]> =>
        (
          await stage.engine.rows<{ id: string }>(
            `SELECT id FROM tracking_records WHERE source = {source:String} AND outcome = 'stored'`,
            { source },
            { optimize_use_projections: 0 },
          )
        )
          .map(({ id }) => Number(id))
          .sort((a, b) => a - b);
      const first = await stored();
      // From the beginning, without a hole, and each once.
      expect(first.length).toBeGreaterThanOrEqual(acknowledged);
      expect(first).toEqual(first.map((_, index) => index));
      const rest = Array.from({ length: sent - acknowledged }, (_, index) => lineOf(acknowledged + index));
      if (rest.length > 0) {
        const receipt = await stage.client().sendEvents(Buffer.from(rest.join('\n')), 'application/x-ndjson');
        expect(receipt.stored + receipt.duplicate).toBe(rest.length);
      }
      expect(await stored()).toEqual(Array.from({ length: sent }, (_, index) => index));
    },
    STEP_MS,
  );
});
