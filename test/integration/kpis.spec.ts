import type { Micros } from '@holdfast/kernel';
import { at, intakeSuite } from '../intake/stack';
import { DAY, HOUR, MINUTE, qualityOn, reference, type Row } from './quality-stage';

/** Virtual: records are written as received then. */
const START = at('2026-03-06T12:00:00Z');
const suite = intakeSuite();
let on: ReturnType<typeof qualityOn>;

beforeAll(async () => {
  on = qualityOn(suite.stack);
  const stages = ['invoice', 'payment'].map((id) => ({ id, role: 'source' as const }));
  await suite.stack.putProcess('billing', { stages });
});

const kpis = async (process: string, query = ''): Promise<Record<string, any>> => {
  const { status, body } = await suite.stack.get(`/v1/processes/${process}/kpis${query}`);
  expect([body, status]).toEqual([body, 200]);
  return body;
};
const within = (exact: number): { asymmetricMatch(found: unknown): boolean } => ({
  asymmetricMatch: (found) => typeof found === 'number' && Math.abs(found - exact) <= exact * 0.0101,
});
/** At each stage, so many minutes after the start by its own stamp, and received a minute later. */
const passes = (key: string, minutes: Readonly<Record<string, number>>, process = 'orders'): Row[] =>
  Object.entries(minutes).map(([stage, minute]) => ({
    ...{ process, stage, key },
    ...{ occurredAt: START + minute * MINUTE, receivedAt: START + (minute + 1) * MINUTE },
  }));

describe('KPIs', () => {
  test('nothing is told before anything is measured', async () => {
    expect(await kpis('orders')).toMatchObject({
      ...{ asOf: null, isComplete: false, successRate: { keys: 0, rate: null }, cycleTime: { keys: 0, seconds: null } },
    });
  });

  test('times, success, throughput and backlog are of whole hours of arrival, and say as of when', async () => {
    await on.tracked(
      ...passes('a', { shop: 0, hub: 10, erp: 30 }),
      ...passes('b', { shop: 5, hub: 65, erp: 125 }),
      ...passes('c', { shop: 20, hub: 30 }),
      ...passes('d', { shop: 70 }),
      ...passes('e', { shop: 80, hub: 79, erp: 90 }), // the hub's clock is behind
    );
    expect(await on.refresh(START + 2 * HOUR)).toBe(2);
    const period = `?from=2026-03-06T12:00:00Z&to=2026-03-06T15:00:00Z`;
    const early = await kpis('orders', period);
    expect(early).toMatchObject({
      ...{ asOf: '2026-03-06T14:00:00Z', isComplete: false },
      cycleTime: { keys: 2, reversed: 0 },
      successRate: { keys: 5, reached: 2, rate: 0.4 },
      throughput: { keys: 2, perHour: { p50: 1, p99: 1 } },
    });
    expect(early['cycleTime'].seconds).toMatchObject({ p50: within(600), p99: within(600) });
    expect(early['leadTimes']).toMatchObject([
      { from: 'shop', to: 'hub', keys: 4, reversed: 1 },
      { from: 'hub', to: 'erp', keys: 2, reversed: 0 },
    ]);
    expect(early['backlog']).toMatchObject([
      { from: 'shop', to: 'hub', keys: 1, oldestSeconds: 3_600, byAge: { hour: 1, fourHours: 0 } },
      { from: 'hub', to: 'erp', keys: 2, oldestSeconds: 7_200, byAge: { hour: 1, fourHours: 1 } },
    ]);
    await on.refresh(START + 3 * HOUR);
    expect(await kpis('orders', period)).toMatchObject({
      ...{ isComplete: true, cycleTime: { keys: 3, seconds: { p50: within(1_800) } } },
      ...{ successRate: { keys: 5, reached: 3 }, throughput: { keys: 3, perHour: { p50: 1 } } },
    });
    // The same whatever of it is measured again.
    await suite.stack.clickhouse.command('TRUNCATE TABLE kpi_marks');
    const before = await kpis('orders', period);
    await on.refresh(START + 3 * HOUR);
    expect({ ...(await kpis('orders', period)), asOf: null, isComplete: false, backlog: [] }).toEqual({
      ...{ ...before, backlog: [] },
      throughput: { keys: 3, perHour: { p50: 1, p75: 1, p90: 1, p95: 1, p99: 1 } },
    });
  });

  test('a refresh that was broken off is made up for, and what came to an hour since is in it once', async () => {
    const later = START + 2 * DAY;
    const rows = (hour: number, count: number, name: string): Row[] =>
      Array.from({ length: count }, (_, n) => ({
        ...{ process: 'billing', stage: 'invoice', key: `${name}-${n}`, receivedAt: later + hour * HOUR + n },
      }));
    await on.tracked(...rows(0, 3, 'x'), ...rows(1, 4, 'y'), ...rows(2, 5, 'z'));
    await expect(on.refreshBrokenAfter(later + 3 * HOUR, 2)).rejects.toThrow('killed');
    const period = '?from=2026-03-08T12:00:00Z&to=2026-03-08T15:00:00Z';
    await on.refresh(later + 2 * HOUR + 30 * MINUTE);
    expect(await kpis('billing', period)).toMatchObject({ successRate: { keys: 12 }, asOf: '2026-03-08T14:30:00Z' });
    await on.tracked({ process: 'billing', stage: 'invoice', key: 'last', receivedAt: later + 2 * HOUR + 40 * MINUTE });
    await on.refresh(later + 3 * HOUR);
    expect(await kpis('billing', period)).toMatchObject({ successRate: { keys: 13 }, backlog: [{ keys: 13 }] });
  });

  test('a stage is passed once by a key, and what was taken back was not', async () => {
    const later = START + 4 * DAY;
    const row = (stage: string, key: string, minute: number, over: object = {}): Row => ({
      ...{ process: 'billing', stage, key, receivedAt: later + minute * MINUTE, ...over },
    });
    await on.tracked(
      ...[row('invoice', 'one', 0), row('payment', 'one', 10), row('payment', 'one', 90)],
      ...[row('invoice', 'two', 0), row('payment', 'two', 10)],
      row('payment', 'two', 20, { outcome: 'retraction', sign: -1 }),
    );
    await on.refresh(later + 3 * HOUR);
    const found = await kpis('billing', '?from=2026-03-10T12:00:00Z&to=2026-03-10T15:00:00Z');
    expect(found).toMatchObject({
      ...{ cycleTime: { keys: 1, seconds: { p50: within(600) } }, successRate: { keys: 2, reached: 1, rate: 0.5 } },
      leadTimes: [{ keys: 1 }],
    });
  });

  test('what is taken back later is out of the hours that had it, and in them when it comes again', async () => {
    const later = START + 6 * DAY;
    const row = (stage: string, hour: number, over: object = {}): Row => ({
      ...{ process: 'billing', stage, key: 'wavering', receivedAt: later + hour * HOUR, ...over },
    });
    const reached = async (): Promise<[number, number]> => {
      const found = await kpis('billing', '?from=2026-03-12T12:00:00Z&to=2026-03-13T12:00:00Z');
      return [found['successRate'].reached, found['cycleTime'].keys];
    };
    await on.tracked(row('invoice', 0), row('payment', 1));
    await on.refresh(later + 3 * HOUR);
    expect(await reached()).toEqual([1, 1]);
    const back = { outcome: 'retraction', sign: -1 };
    await on.tracked(row('payment', 4, back), row('payment', 4, { attempt: 2, sign: 0 }));
    await on.refresh(later + 6 * HOUR);
    expect(await reached()).toEqual([0, 0]);
    await on.tracked(row('payment', 7, { attempt: 3 }));
    await on.refresh(later + 9 * HOUR);
    expect(await reached()).toEqual([1, 1]);
    // What only moves to another origin is where it was, and is not measured again.
    await on.tracked(row('invoice', 10, { key: 'moving' }));
    expect(await on.refresh(later + 12 * HOUR)).toBe(1);
    const moved = (outcome: string, sign: number): Row => row('invoice', 13, { key: 'moving', outcome, sign });
    await on.tracked(moved('retraction', -1), moved('restatement', 1));
    expect(await on.refresh(later + 15 * HOUR)).toBe(0);
  });

  test('merged over many hours a percentile is within one in a hundred of the exact one', async () => {
    const later = START + 10 * DAY;
    const took = Array.from({ length: 2_000 }, (_, n) =>
      Math.round(Math.exp((((n * 7_919) % 2_000) / 2_000) * 13) * 1_000),
    );
    await on.tracked(
      ...took.flatMap((micros, n): Row[] => {
        const receivedAt = later + ((n * 31) % 1_440) * MINUTE;
        const one = { process: 'billing', key: `sketch-${n}`, receivedAt };
        return [
          { ...one, stage: 'invoice', occurredAt: receivedAt - micros },
          { ...one, stage: 'payment', occurredAt: receivedAt },
        ];
      }),
    );
    await on.refresh(later + 2 * DAY);
    const { cycleTime } = await kpis('billing', '?from=2026-03-16T12:00:00Z&to=2026-03-17T12:00:00Z');
    const sorted = took.toSorted((a, b) => a - b).map((micros) => micros / 1_000_000);
    expect(cycleTime.keys).toBe(2_000);
    for (const [name, level] of [
      ['p50', 0.5],
      ['p75', 0.75],
      ['p90', 0.9],
      ['p95', 0.95],
      ['p99', 0.99],
    ] as const) {
      // The sketch's own rank: the lower neighbour of what stands between two values.
      const exact = sorted[Math.floor(level * 1_999)]!;
      expect([name, Math.abs(cycleTime.seconds[name] / exact - 1) <= 0.0101]).toEqual([name, true]);
    }
  });

  test('how long windows had gaps is told exactly, by episode', async () => {
    const { clickhouse } = suite.stack;
    const time = (micros: Micros): string => `fromUnixTimestamp64Micro(${micros}, 'UTC')`;
    const story = async (window: string, ...steps: [state: string, hour: number][]): Promise<void> => {
      await clickhouse.command(
        `INSERT INTO windows VALUES ('billing', ${time(START)}, ${time(START + window.charCodeAt(0))}, '${window}', '', ${time(START)}, true)`,
      );
      for (const [seq, [state, hour]] of steps.entries())
        await clickhouse.command(
          `INSERT INTO window_transitions (reconciliation, at, run, seq, state) VALUES ('${window}', ${time(START + hour * HOUR)}, 'run', ${seq}, '${state}')`,
        );
    };
    await story('a', ['opened', 0], ['gaps', 1], ['gaps', 2], ['healed', 4], ['gaps', 5], ['accepted', 6]);
    await story('b', ['opened', 0], ['matched', 1]);
    await story('c', ['opened', 0], ['gaps', 1]);
    await story('d', ['opened', 0], ['gaps', 1], ['cancelled', 2]);
    const { resolutionLatency } = await kpis('billing', '?from=2026-03-06T12:00:00Z&to=2026-03-06T20:00:00Z');
    expect(resolutionLatency).toMatchObject({ resolved: 2, open: 1, seconds: { p99: 10_800 } });
    const none = await kpis('billing', '?from=2026-03-06T19:00:00Z&to=2026-03-06T20:00:00Z');
    expect(none['resolutionLatency']).toEqual({ resolved: 0, open: 1, seconds: null });
  });

  test('of a process that is not there, or of no whole hours, nothing is told', async () => {
    expect((await suite.stack.get('/v1/processes/nobody/kpis')).body['code']).toBe('process_not_found');
    for (const [query, field] of [
      ['from=2026-03-06T12:30:00Z&to=2026-03-06T14:00:00Z', 'from'],
      ['from=2026-03-06T12:00:00Z&to=2026-03-06T12:00:00Z', 'to'],
      ['from=2020-03-06T12:00:00Z', 'from'],
      ['until=2026-03-06T12:00:00Z', 'until'],
    ]) {
      const { status, body } = await suite.stack.get(`/v1/processes/orders/kpis?${query}`);
      expect([status, (body['errors'] as { field: string }[])[0]?.field]).toEqual([400, field]);
    }
  });
});

describe('references', () => {
  const billed = { process: 'orders', stage: 'shop', owner: 'finance', graceSeconds: 3_600 };
  const business = { kind: 'stage', process: 'billing', stage: 'invoice' } as const;
  const THEN = START + 60 * DAY;
  const shop = (key: string, receivedAt: Micros): Row => ({ process: 'orders', stage: 'shop', key, receivedAt });
  const invoice = (key: string, receivedAt: Micros): Row => ({ process: 'billing', stage: 'invoice', key, receivedAt });
  const put = (id: string, lookbackHours = 24): Promise<void> =>
    suite.stack.putDocument(
      'reference',
      id,
      reference({ ...billed, business, lookbackHours, escalationPolicy: 'on-call' }),
    );

  test('keys of one side alone are orphans, exactly, both ways; what the other side had before or got since is none', async () => {
    await put('billed');
    const astral = ['\u{1F600}', '\uFB01', 'é', 'z', 'Z'];
    await on.tracked(
      ...[...astral, 'lost', 'older', 'later'].map((key) => shop(key, THEN)),
      ...[...astral, 'ghost', 'elder'].map((key) => invoice(key, THEN + MINUTE)),
      ...[invoice('older', THEN - 30 * DAY), invoice('later', THEN + 3 * HOUR), shop('elder', THEN - 40 * DAY)],
      ...[shop('young', THEN + 3 * HOUR), invoice('gone', THEN)],
      { ...invoice('gone', THEN + MINUTE), outcome: 'retraction', sign: -1 },
    );
    const check = await on.check('billed', THEN + 3 * HOUR + 30 * MINUTE);
    expect(check).toMatchObject({
      ...{ tracked: 8, business: 7, orphansInTracking: 1, orphansInBusiness: 1 },
      ...{ examplesInTracking: ['lost'], examplesInBusiness: ['ghost'] },
    });
    const found = await on.found({ process: 'orders' });
    expect(
      found
        .map(({ kind, state, severity, subject, owner, policy, extent }) => [
          kind,
          state,
          severity,
          subject,
          owner,
          policy,
          extent.cases,
        ])
        .sort(),
    ).toEqual([
      ['orphan_in_business', 'open', 'error', 'reference/billed', 'finance', 'on-call', 1],
      ['orphan_in_tracking', 'open', 'error', 'reference/billed', 'finance', 'on-call', 1],
    ]);
    // Repeated it is the same; once the key has come its finding is closed.
    expect(await on.check('billed', THEN + 3 * HOUR + 30 * MINUTE)).toEqual(check);
    await on.tracked(invoice('lost', THEN + 4 * HOUR), invoice('young', THEN + 4 * HOUR));
    expect(await on.check('billed', THEN + 5 * HOUR)).toMatchObject({ orphansInTracking: 0, orphansInBusiness: 1 });
    const states = (await on.found({ process: 'orders' })).map(({ kind, state }) => [kind, state]).sort();
    expect(states).toEqual([
      ['orphan_in_business', 'open'],
      ['orphan_in_tracking', 'fixed'],
    ]);
    const { body } = await suite.stack.get('/v1/references/billed/checks');
    expect(body['items']).toMatchObject([
      { tracking: { orphans: 0, examples: [] }, business: { orphans: 1, examples: ['ghost'] } },
      { tracking: { orphans: 1, examples: ['lost'] } },
    ]);
  });

  test('thousands of orphans are counted, and the first of them named', async () => {
    await put('all');
    const keys = Array.from({ length: 2_500 }, (_, n) => `many-${String(n).padStart(5, '0')}`);
    const later = THEN + 10 * DAY;
    await on.tracked(...keys.map((key) => shop(key, later)), invoice(keys[7]!, later));
    const check = await on.check('all', later + 2 * HOUR);
    expect(check).toMatchObject({ tracked: 2_500, business: 1, orphansInTracking: 2_499, orphansInBusiness: 0 });
    expect(check.examplesInTracking).toEqual(keys.slice(0, 21).filter((key) => key !== keys[7]));
  });

  test('one between stages that do not exist, or a stage and itself, is refused', async () => {
    const send = (body: object) =>
      suite.stack.send('PUT', '/v1/references/wrong', JSON.stringify(body), { 'content-type': 'application/json' });
    for (const [over, field] of [
      [{ stage: 'nowhere' }, 'stage'],
      [{ process: 'nobody' }, 'process'],
      [{ business: { ...business, stage: 'nowhere' } }, 'business.stage'],
      [{ business: { kind: 'stage', process: 'orders', stage: 'shop' } }, 'business'],
    ] as const) {
      const { status, body } = await send({ process: 'orders', stage: 'shop', owner: 'finance', business, ...over });
      expect([status, body['code'], (body['errors'] as { field: string }[])[0]?.field]).toEqual([
        400,
        'unusable_reference',
        field,
      ]);
    }
    expect((await suite.stack.get('/v1/references/wrong/checks')).body['code']).toBe('reference_not_found');
  });
});
