import { STALENESS_MS } from '@holdfast/domains/register/register.service';
import { countsOf, event, intakeSuite, NONE, ORDERS } from './stack';

describe('sources and sampling', () => {
  const suite = intakeSuite();
  let fresh = 0;
  const newSource = (): string => `limited-${++fresh}`;
  const records = (source: string, count: number, over: object = {}) =>
    Array.from({ length: count }, (_, n) => event({ id: `${source}-${n}`, source, key: `${source}-${n}`, ...over }));
  /** Puts a source, and lets the time pass after which intake has heard of it. */
  const limited = async (limits: object): Promise<string> => {
    const source = newSource();
    await suite.stack.putDocument('source', source, { owner: 'shop', invalidRecords: 'quarantine', ...limits });
    await new Promise((resolve) => setTimeout(resolve, STALENESS_MS + 100));
    return source;
  };

  it('a rate holds: too many get 429 with Retry-After and what stays; resends cost nothing, so that all get through', async () => {
    const source = await limited({ rateLimit: { recordsPerSecond: 2_000, burst: 100 } });
    const body = records(source, 25_000)
      .map((one) => JSON.stringify(one))
      .join('\n');
    const send = () => suite.stack.post(body, { 'content-type': 'application/x-ndjson' });
    const first = await send();
    expect([first.status, first.body['code']]).toEqual([429, 'rate_limited']);
    expect(Number(first.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    const { stored, line } = first.body as { stored: number; line: number };
    expect([stored, line]).toEqual([10_000, 10_001]);
    let last = first;
    for (let tries = 0; last.status === 429 && tries < 10; tries++) {
      await new Promise((resolve) => setTimeout(resolve, Number(last.headers['retry-after']) * 1000));
      last = await send();
    }
    expect(last.status).toBe(200);
    const account = await suite.stack.account(source);
    expect([account.stored, account.conflict]).toEqual([25_000, 0]);
    // Another source is not held up.
    expect((await suite.stack.post(records(newSource(), 10))).body).toMatchObject({ stored: 10 });
  });

  it('a quota of the day is counted from the account, also after a restart; resends do not count', async () => {
    const source = await limited({ dailyQuota: 20 });
    expect((await suite.stack.post(records(source, 15))).body).toMatchObject({ stored: 15 });
    expect((await suite.stack.post(records(source, 15))).body).toMatchObject({ duplicate: 15 });
    suite.stack = await suite.stack.restart(suite.engine);
    expect((await suite.stack.post(records(source, 20))).body).toMatchObject({ stored: 5, duplicate: 15 });
    const refused = await suite.stack.post(records(source, 21));
    expect([refused.status, refused.body['code']]).toEqual([429, 'quota_used_up']);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(86_400);
    expect((await suite.stack.account(source)).received).toBe(50);
  });

  it('an observer keeps a share by correlation id, with weights; errors and tests are all kept, and all is in the account', async () => {
    const stages = [...ORDERS.stages, { id: 'cdn', role: 'observer' as const, sampleRate: 0.25 }];
    await suite.stack.putProcess('watched', { ...ORDERS, stages });
    const source = newSource();
    const of = (over: object) => (n: number) =>
      event({
        id: `${n}${JSON.stringify(over)}`,
        source,
        process: 'watched',
        stage: 'cdn',
        key: `W-${n % 400}`,
        correlationId: `c-${n % 400}`,
        ...over,
      });
    const all = [
      ...Array.from({ length: 800 }, (_, n) => of({})(n)),
      ...Array.from({ length: 40 }, (_, n) => of({ status: 'failed' })(n)),
      ...Array.from({ length: 40 }, (_, n) => of({ test: true })(n)),
    ];
    const { body } = await suite.stack.postLines(all);
    const { stored, sampledOut } = countsOf(body);
    expect(stored + sampledOut).toBe(880);
    const kept = stored - 80;
    // 400 correlation ids of two events each: kept together, or not at all.
    expect(kept % 2).toBe(0);
    expect(kept).toBeGreaterThan(800 * 0.25 - 5 * Math.sqrt(400 * 0.25 * 0.75) * 2);
    expect(kept).toBeLessThan(800 * 0.25 + 5 * Math.sqrt(400 * 0.25 * 0.75) * 2);
    expect(countsOf((await suite.stack.postLines(all)).body)).toEqual({ ...NONE, received: 880, duplicate: 880 });
    expect(countsOf(await suite.stack.account(source))).toEqual({
      ...NONE,
      ...{ received: 1760, stored, sampledOut, duplicate: 880 },
    });
  });

  it('what is of money is never left out: the contract of its type says so', async () => {
    const stages = [...ORDERS.stages, { id: 'cdn', role: 'observer' as const, sampleRate: 0.01 }];
    await suite.stack.putProcess('watched-money', { ...ORDERS, stages });
    const contract = { owner: 'shop', enforcement: 'warn', schema: true };
    await suite.stack.putDocument('contract', 'paid.money', { ...contract, fields: { iban: { class: 'iban' } } });
    await suite.stack.putDocument('contract', 'paid.nothing', contract);
    await new Promise((resolve) => setTimeout(resolve, STALENESS_MS + 100));
    const sent = async (type: string) => {
      const over = { process: 'watched-money', stage: 'cdn', type };
      const lines = records(newSource(), 100).map((one, n) => ({ ...one, ...over, correlationId: `m-${n}` }));
      return countsOf((await suite.stack.postLines(lines)).body);
    };
    expect(await sent('paid.money')).toEqual({ ...NONE, received: 100, stored: 100 });
    expect((await sent('paid.nothing')).sampledOut).toBeGreaterThan(80);
  });
});
