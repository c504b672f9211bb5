import type { Micros } from '@holdfast/kernel';
import { at, intakeSuite } from '../intake/stack';
import { DAY, HOUR, MINUTE, objective, qualityOn, type Row } from './quality-stage';

/** Virtual: records are written as received then. */
const START = at('2026-03-06T12:00:00Z');
const suite = intakeSuite();
let on: ReturnType<typeof qualityOn>;

beforeAll(() => {
  on = qualityOn(suite.stack);
});

let keys = 0;
/** Keys that came to the shop then, and to the ERP after so many minutes; never where that is undefined. */
const orders = (process: string, receivedAt: Micros, ...minutes: (number | undefined)[]): Row[] =>
  minutes.flatMap((after): Row[] => {
    const key = `order-${(keys += 1)}`;
    const first = { process, stage: 'shop', key, receivedAt };
    return after === undefined ? [first] : [first, { ...first, stage: 'erp', receivedAt: receivedAt + after * MINUTE }];
  });
const many = (count: number, minutes: number | undefined): (number | undefined)[] =>
  Array.from({ length: count }, () => minutes);
const kinds = async (process: string): Promise<string[]> =>
  (await on.found({ process })).map(({ kind, state, subject }) => `${subject} ${kind} ${state}`).sort();

async function processWith(process: string, ...objectives: [string, Parameters<typeof objective>[0]][]): Promise<void> {
  const stages = ['shop', 'hub', 'erp'].map((id) => ({ id, role: 'source' as const }));
  await suite.stack.putProcess(process, { stages });
  for (const [id, definition] of objectives) await suite.stack.putDocument('objective', id, objective(definition));
}

describe('completeness', () => {
  const terms = { promised: { kind: 'completeness', withinSeconds: 3600 }, owner: 'orders-team' } as const;

  test('counts keys whose time is over, by when they arrived: in time, late, lost; and once each, whatever else is told of them', async () => {
    await processWith('in-time', ['in-time-90', { ...terms, process: 'in-time', target: 0.9, minimumObservations: 5 }]);
    await on.tracked(...orders('in-time', START, 30, 60, 61, undefined, 1));
    await on.tracked({ process: 'in-time', stage: 'shop', key: 'order-1', receivedAt: START + MINUTE }); // again
    await on.tracked(...orders('in-time', START + HOUR, 1)); // its hour is not over yet
    const found = await on.evaluate('in-time-90', START + HOUR + 30 * MINUTE);
    expect(found).toMatchObject({
      ...{ good: 3, total: 5, observations: 5, state: 'breached', reason: '', coversTo: START + 30 * MINUTE },
      ...{ version: 1, dimension: 'completeness', projectedAt: null },
    });
    expect(found.budgetLeft).toBeCloseTo(1 - 2 / 0.5, 9);
    const later = await on.evaluate('in-time-90', START + 3 * HOUR);
    expect(later).toMatchObject({ good: 4, total: 6 });
    // Repeated, it is the same, and kept once.
    expect(await on.evaluate('in-time-90', START + 3 * HOUR)).toEqual(later);
    expect(await on.evaluations.evaluations('in-time-90', START + DAY, 10)).toHaveLength(2);
  });

  test('too little is insufficient data, whatever became of it, and no finding', async () => {
    await processWith('few', ['few-90', { ...terms, process: 'few', target: 0.9, minimumObservations: 3 }]);
    expect(await on.evaluate('few-90', START)).toMatchObject({
      ...{
        state: 'insufficient_data',
        reason: 'nothing_observed',
        budgetLeft: null,
        burnRate: null,
        projectedAt: null,
      },
    });
    await on.tracked(...orders('few', START, 1, undefined));
    expect(await on.evaluate('few-90', START + 2 * HOUR)).toMatchObject({
      ...{ state: 'insufficient_data', reason: 'too_few_observations', good: 1, total: 2 },
    });
    expect(await kinds('few')).toEqual([]);
  });

  test('a breach is a finding until it is over, and what a person closed stays closed meanwhile', async () => {
    const definition = {
      ...{ ...terms, process: 'breach', target: 0.9, minimumObservations: 1, escalationPolicy: 'on-call' },
      period: { kind: 'rolling' as const, days: 1 },
    } as const;
    await processWith('breach', ['breach-90', definition]);
    await on.tracked(...orders('breach', START, ...many(8, 1), ...many(2, undefined)));
    await on.evaluate('breach-90', START + 2 * HOUR);
    const [breach] = await on.found({ process: 'breach' });
    expect(breach).toMatchObject({
      ...{ kind: 'objective_breached', severity: 'critical', state: 'open', subject: 'objective/breach-90' },
      ...{ owner: 'orders-team', policy: 'on-call', source: '', process: 'breach' },
      extent: { cases: 2, measures: { good: 8, total: 10, budget_left_millionths: -1_000_000 } },
    });
    await on.evaluate('breach-90', START + 3 * HOUR);
    await on.findings.addSteps([{ finding: breach!.id, at: START + 4 * HOUR, step: 'fixed', by: 'somebody' }]);
    await on.evaluate('breach-90', START + 5 * HOUR);
    expect(await kinds('breach')).toEqual(['objective/breach-90 objective_breached fixed']);
    // It is over when the day is, and comes again with the next.
    await on.tracked(...orders('breach', START + 25 * HOUR, ...many(10, 1)));
    expect(await on.evaluate('breach-90', START + 27 * HOUR)).toMatchObject({ state: 'met', good: 10, total: 10 });
    await on.tracked(...orders('breach', START + 28 * HOUR, ...many(3, undefined)));
    await on.evaluate('breach-90', START + 30 * HOUR);
    expect(await on.found({ process: 'breach' })).toMatchObject([{ id: breach!.id, state: 'open', occurrences: 2 }]);
  });

  test('a breach that is coming is told before, without a page', async () => {
    const definition = {
      ...{ ...terms, process: 'coming', target: 0.9, minimumObservations: 1, escalationPolicy: 'on-call' },
      ...{ lookbackHours: 2, warnHours: 24 },
    } as const;
    await processWith('coming', ['coming-90', definition]);
    await on.tracked(...orders('coming', START, ...many(100, 1)));
    await on.tracked(...orders('coming', START + 10 * HOUR, ...many(10, 1), ...many(5, undefined)));
    const found = await on.evaluate('coming-90', START + 12 * HOUR);
    // 110 of 115, and 15 in two hours of which 5 are lost: 6.5 spare over 3.5 an hour more than is allowed every two.
    expect(found).toMatchObject({ state: 'at_risk', good: 110, total: 115 });
    expect(found.projectedAt! - found.coversTo).toBeCloseTo(((11.5 - 5) / (5 - 1.5)) * 2 * HOUR, -6);
    const [risk] = await on.found({ process: 'coming' });
    expect(risk).toMatchObject({ kind: 'objective_at_risk', severity: 'warning', state: 'open', policy: '' });
    await on.tracked(...orders('coming', START + 14 * HOUR, ...many(20, 1)));
    expect(await on.evaluate('coming-90', START + 17 * HOUR)).toMatchObject({ state: 'met', projectedAt: null });
    expect(await kinds('coming')).toEqual(['objective/coming-90 objective_at_risk fixed']);
  });

  test('what was taken back has not come', async () => {
    await processWith('back', ['back-90', { ...terms, process: 'back', target: 0.9, minimumObservations: 1 }]);
    const [shop, erp] = orders('back', START, 1);
    await on.tracked(shop!, erp!, { ...erp!, receivedAt: START + 5 * MINUTE, outcome: 'retraction', sign: -1 });
    await on.tracked(...orders('back', START, 1));
    expect(await on.evaluate('back-90', START + 2 * HOUR)).toMatchObject({ good: 1, total: 2 });
  });

  test('a month is one of a place, and what was counted before is not counted again', async () => {
    const month = { kind: 'month', timeZone: 'Asia/Kathmandu' } as const; // 5 h 45 min ahead
    const definition = { ...terms, process: 'month', target: 0.9, minimumObservations: 1, period: month };
    await processWith('month', ['month-90', definition]);
    const begins = at('2026-02-28T18:15:00Z');
    await on.tracked(...orders('month', begins - MINUTE, ...many(4, undefined)), ...orders('month', begins, 1, 1));
    expect(await on.evaluate('month-90', START)).toMatchObject({ good: 2, total: 2, coversFrom: begins, state: 'met' });
    await suite.stack.clickhouse.command("ALTER TABLE tracking_records DELETE WHERE process = 'month'", {
      mutations_sync: '2',
    });
    await on.tracked(...orders('month', START, 1));
    expect(await on.evaluate('month-90', START + DAY)).toMatchObject({ good: 3, total: 3, coversFrom: begins });
    // A longer period of the same measure is counted where it was not.
    const longer = { ...definition, period: { kind: 'rolling', days: 30 } } as const;
    await suite.stack.putDocument('objective', 'month-rolling', objective(longer));
    expect(await on.evaluate('month-rolling', START + DAY)).toMatchObject({ good: 3, total: 3 });
  });
});

describe('freshness', () => {
  const promised = { kind: 'freshness', stage: 'shop', maxAgeSeconds: 600 } as const;
  const terms = { promised, owner: 'shop-team', period: { kind: 'rolling', days: 1 } } as const;
  const beats = (process: string, ...minutes: number[]): Row[] =>
    minutes.map((minute) => ({
      process,
      stage: 'shop',
      key: `beat-${(keys += 1)}`,
      receivedAt: START + minute * MINUTE,
    }));

  test('is the share of time since the first arrival that is not too long after another', async () => {
    await processWith('beats', ['beats-half', { ...terms, process: 'beats', target: 0.5, minimumObservations: 60 }]);
    await on.tracked(...beats('beats', 0, 5, 10, 40, 45));
    await on.tracked({ process: 'beats', stage: 'erp', key: 'other', receivedAt: START + 30 * MINUTE }); // another stage
    expect(await on.evaluate('beats-half', START + 50 * MINUTE)).toMatchObject({
      ...{ state: 'insufficient_data', observations: 50, newestAt: START + 45 * MINUTE },
    });
    // Stale from 20 to 40 and from 55 to 90.
    expect(await on.evaluate('beats-half', START + 90 * MINUTE)).toMatchObject({
      ...{ total: 90 * MINUTE, good: 35 * MINUTE, state: 'breached', observations: 90 },
    });
    // Silence goes on as such however often it is looked at, and for longer than what is looked at by one query.
    const days = await on.evaluate('beats-half', START + 20 * HOUR);
    expect(days).toMatchObject({ total: 20 * HOUR, good: 35 * MINUTE, newestAt: START + 45 * MINUTE });
    await on.tracked(...beats('beats', 20 * 60 + 1));
    expect(await on.evaluate('beats-half', START + 20 * HOUR + 5 * MINUTE)).toMatchObject({
      good: 35 * MINUTE + 4 * MINUTE,
      total: 20 * HOUR + 5 * MINUTE,
    });
  });

  test('what was found of a stage is over when the objective is about another', async () => {
    const definition = { ...terms, process: 'moved', target: 0.9, minimumObservations: 1 };
    await processWith('moved', ['moving', definition]);
    await on.tracked(...beats('moved', 0));
    await on.evaluate('moving', START + HOUR);
    expect(await on.found({ process: 'moved' })).toMatchObject([{ stage: 'shop', state: 'open' }]);
    const other = objective({ ...definition, promised: { ...promised, stage: 'erp' } });
    await suite.stack.putDocument('objective', 'moving', other, 2);
    expect(await on.evaluate('moving', START + 2 * HOUR)).toMatchObject({ state: 'insufficient_data', version: 2 });
    expect(await on.found({ process: 'moved' })).toMatchObject([{ stage: 'shop', state: 'fixed' }]);
  });

  test('is known of a whole period at once as by and by', async () => {
    await processWith('twice', ['once', { ...terms, process: 'twice', target: 0.9, minimumObservations: 1 }]);
    const minutes = Array.from({ length: 60 }, (_, n) => (n * n * 7) % 1_100);
    await on.tracked(...beats('twice', ...minutes));
    const asOf = START + 1_200 * MINUTE;
    const whole = await on.evaluate('once', asOf);
    const other = { ...terms, process: 'twice', target: 0.9, minimumObservations: 1 };
    for (const table of ['objective_measures', 'objective_marks'])
      await suite.stack.clickhouse.command(`TRUNCATE TABLE ${table}`);
    await suite.stack.putDocument('objective', 'by-and-by', objective(other));
    let last = whole;
    for (let minute = 0; minute <= 1_200; minute += 50) last = await on.evaluate('by-and-by', START + minute * MINUTE);
    expect(last).toMatchObject({ good: whole.good, total: whole.total, state: whole.state });
    expect(whole.total).toBe(1_200 * MINUTE);
    expect(whole.good).toBeGreaterThan(0);
    expect(whole.good).toBeLessThan(whole.total);
  });
});

describe('accuracy', () => {
  test('is what verdicts of windows say, by when they were judged first', async () => {
    const promised = { kind: 'accuracy' } as const;
    const definition = { promised, process: 'right', target: 0.9, minimumObservations: 1, owner: 'orders-team' };
    await processWith('right', ['right-90', definition]);
    expect(await on.evaluate('right-90', START)).toMatchObject({ state: 'insufficient_data' });
    const { clickhouse } = suite.stack;
    const time = (micros: Micros): string => `fromUnixTimestamp64Micro(${micros}, 'UTC')`;
    const judged = async (window: string, revision: number, judgedAt: Micros, events: number): Promise<void> => {
      await clickhouse.command(
        `INSERT INTO windows VALUES ('right', ${time(START)}, ${time(START + keys++)}, '${window}', '', ${time(START)}, true)`,
      );
      await clickhouse.command(
        `INSERT INTO verdicts VALUES ('${window}', ${revision}, '${window}-${revision}', 'gaps', 'key', ${time(judgedAt)}, 1, '', {'shop': ${events}, 'erp': 1}, {}, 1, 0)`,
      );
    };
    const wrong = (judgement: string, key: string, kind: string): Promise<void> =>
      clickhouse.command(
        `INSERT INTO discrepancies (reconciliation, judgement, key, stage, kind, judged_at) VALUES ('${judgement.slice(0, -2)}', '${judgement}', '${key}', 'erp', '${kind}', ${time(START + HOUR)})`,
      );
    await judged('w', 1, START + HOUR, 10);
    await wrong('w-1', 'a', 'mutated');
    await wrong('w-1', 'b', 'missing');
    await wrong('w-1', 'b', 'late');
    expect(await on.evaluate('right-90', START + 2 * HOUR)).toMatchObject({ good: 9, total: 10, state: 'met' });
    // Judged again it counts once, as it is now; a key counts once.
    await judged('w', 2, START + 3 * HOUR, 10);
    await wrong('w-2', 'a', 'mutated');
    await wrong('w-2', 'a', 'duplicate');
    await wrong('w-2', 'c', 'duplicate');
    await judged('v', 1, START + 3 * HOUR, 5);
    expect(await on.evaluate('right-90', START + 4 * HOUR)).toMatchObject({ good: 13, total: 15, state: 'breached' });
  });
});

describe('over HTTP', () => {
  test('an objective of what does not exist is refused, and what a document leaves out is told', async () => {
    const put = (body: object) => {
      const headers = { 'content-type': 'application/json' };
      return suite.stack.send('PUT', '/v1/objectives/wrong', JSON.stringify(body), headers);
    };
    const right = { process: 'orders', promised: { kind: 'accuracy' }, target: 0.9, owner: 'team' };
    const stage = { kind: 'freshness', stage: 'nowhere', maxAgeSeconds: 60 };
    const zone = { kind: 'month', timeZone: 'Europe/Atlantis' };
    for (const [over, code, field] of [
      [{ process: 'nobody' }, 'unknown_process', 'process'],
      [{ promised: stage }, 'unknown_quality_stage', 'promised.stage'],
      [{ escalationPolicy: 'nobody' }, 'unknown_escalation_policy', 'escalationPolicy'],
      [{ period: zone }, 'invalid_request', 'period.timeZone'],
      [{ target: 0.12 }, 'invalid_request', 'target'],
      [{ target: 0.99999999 }, 'invalid_request', 'target'],
      [{ promised: { kind: 'completeness' } }, 'invalid_request', 'promised.withinSeconds'],
    ] as const) {
      const { status, body } = await put({ ...right, ...over });
      const [{ field: named } = { field: '' }] = body['errors'] as { field: string }[];
      expect([status, body['code'], named]).toEqual([400, code, field]);
    }
    expect((await suite.stack.get('/v1/objectives/wrong')).status).toBe(404);
    expect((await suite.stack.get('/v1/objectives/wrong/evaluations')).body['code']).toBe('objective_not_found');
  });

  test('evaluations are listed, newest first, page by page', async () => {
    await processWith('listed', [
      'listed-90',
      { promised: { kind: 'accuracy' }, process: 'listed', target: 0.9, owner: 'team' },
    ]);
    for (const hour of [1, 2, 3]) await on.evaluate('listed-90', START + hour * HOUR);
    const { body } = await suite.stack.get('/v1/objectives/listed-90/evaluations?limit=2');
    const times = (of: unknown): string[] => (of as { asOf: string }[]).map(({ asOf }) => asOf);
    expect(times(body['items'])).toEqual(['2026-03-06T15:00:00Z', '2026-03-06T14:00:00Z']);
    const next = await suite.stack.get(`/v1/objectives/listed-90/evaluations?limit=2&cursor=${String(body['next'])}`);
    expect(next.body).toMatchObject({
      items: [{ asOf: '2026-03-06T13:00:00Z', state: 'insufficient_data', ratio: null }],
    });
    expect(next.body['next']).toBeUndefined();
  });
});
