import { TrackingStore } from '@holdfast/domains/tracking/tracking.store';
import { startEmbeddedClickHouse } from '@holdfast/platform/testing';
import { z } from 'zod';
import { countsOf, event, intakeSuite, NONE, until } from './stack';

jest.setTimeout(120_000);

const suite = intakeSuite();

/** The first number that a query of the test answers with. */
async function numberOf(sql: string): Promise<number> {
  const query = { name: 'test', sql, params: z.object({}), row: z.object({ n: z.coerce.number() }) };
  const [row] = await suite.stack.clickhouse.rows({ ...query, limits: { seconds: 10, memory: 1e9 } }, {});
  return row!.n;
}

const outcomesOf = async (records: readonly unknown[]): Promise<unknown> =>
  countsOf((await suite.stack.postLines(records)).body);

describe.each(['at once', 'after a restart'] as const)('what was copied to where identities are kept, %s', (when) => {
  const source = when.replaceAll(' ', '-');
  const one = (over: object): object => event({ source, id: '1', key: `${source}-1`, ...over });

  beforeAll(async () => {
    expect(await outcomesOf([one({}), one({ id: '2', key: `${source}-2` })])).toEqual({
      ...NONE,
      received: 2,
      stored: 2,
    });
    await suite.stack.keepIdentities();
    if (when === 'after a restart') suite.stack = await suite.stack.restart(suite.engine);
    expect(await numberOf(`SELECT count() AS n FROM tracking_identities`)).toBeGreaterThanOrEqual(2);
  });

  it('is a duplicate, also when it was only written in another way', async () => {
    expect(await outcomesOf([one({})])).toEqual({ ...NONE, received: 1, duplicate: 1 });
    const reworded = JSON.stringify(one({})).replace('"amount":1', '"amount": 1.0');
    expect(await outcomesOf([reworded])).toEqual({ ...NONE, received: 1, duplicate: 1 });
  });

  it('is a conflict where it says something else', async () => {
    expect(await outcomesOf([one({ data: { amount: 2 } })])).toEqual({ ...NONE, received: 1, conflict: 1 });
  });

  it('is replaced by a further attempt, which has to be of the same key', async () => {
    const counted = `SELECT sum(sign) AS n FROM tracking_records WHERE source = '${source}' AND id = '2'`;
    const second = (over: object): object => one({ id: '2', key: `${source}-2`, attempt: 2, ...over });
    expect(await outcomesOf([second({ key: 'another' })])).toEqual({ ...NONE, received: 1, rejected: 1 });
    expect(await outcomesOf([second({ stage: 'erp' })])).toEqual({ ...NONE, received: 1, rejected: 1 });
    expect(await outcomesOf([second({ status: 'failed' })])).toEqual({ ...NONE, received: 1, stored: 1 });
    expect(await numberOf(counted)).toBe(0);
    expect(await outcomesOf([second({ attempt: 3 })])).toEqual({ ...NONE, received: 1, stored: 1 });
    expect(await numberOf(counted)).toBe(1);
  });
});

it('copies what comes while it copies the next time, and a repeat adds nothing', async () => {
  const records = (part: number) =>
    Array.from({ length: 500 }, (_, i) => event({ source: 'many', id: `${part}-${i}` }));
  const copied = "SELECT count() AS n FROM tracking_identities FINAL WHERE process = 'orders'";
  const before = await numberOf(copied);
  for (let part = 0; part < 4; part++)
    await Promise.all([suite.stack.postLines(records(part)), suite.stack.keepIdentities()]);
  await suite.stack.keepIdentities();
  await suite.stack.keepIdentities();
  const stored = "SELECT count() AS n FROM tracking_records WHERE outcome = 'stored'";
  expect(await numberOf(copied)).toBe(await numberOf(stored));
  expect(await numberOf(copied)).toBeGreaterThanOrEqual(before + 2_000);
  for (let part = 0; part < 4; part++)
    expect(await outcomesOf(records(part))).toEqual({ ...NONE, received: 500, duplicate: 500 });
});

it('makes one part of a generation, and again when it has grown by a quarter', async () => {
  const parts = "SELECT count() AS n FROM system.parts WHERE active AND table = 'tracking_identities'";
  const store = suite.stack.api.app.get(TrackingStore, { strict: false });
  const merge = jest.spyOn(store, 'mergeGeneration');
  const known = await numberOf('SELECT count() AS n FROM tracking_identities');
  const grow = async (part: string, size: number): Promise<void> => {
    await outcomesOf(Array.from({ length: size }, (_, i) => event({ source: 'parts', id: `${part}-${i}` })));
    merge.mockClear();
    await suite.stack.keepIdentities();
  };
  await grow('half', known);
  // What was begun before is waited for: one merge at a time.
  await until('it is merged', async () => {
    await suite.stack.keepIdentities();
    return merge.mock.calls.length > 0;
  });
  expect(merge).toHaveBeenCalledWith(0);
  await merge.mock.results[0]!.value;
  expect(await numberOf(parts)).toBe(1);
  await grow('one', 1);
  expect(merge).not.toHaveBeenCalled();
  await store.mergeGeneration(0);
  expect(await numberOf(parts)).toBe(1);
  await store.mergeGeneration(0); // nothing to do
  expect(await numberOf(parts)).toBe(1);
});

it('an engine that is killed while identities are copied: what was acknowledged stays known', async () => {
  const records = (part: number) =>
    Array.from({ length: 2_000 }, (_, i) => event({ source: 'killed', id: `${part}-${i}` }));
  for (let round = 0; round < 3; round++) {
    expect(await outcomesOf(records(round))).toEqual({ ...NONE, received: 2_000, stored: 2_000 });
    const copying = suite.stack.keepIdentities().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 15 * round));
    const { dataDir, password, url } = suite.engine;
    await suite.engine.kill();
    await copying;
    suite.engine = await startEmbeddedClickHouse({ dataDir, password, port: Number(new URL(url).port) });
    if (round === 1) suite.stack = await suite.stack.restart(suite.engine);
    if (round === 2) await suite.stack.keepIdentities();
    for (let part = 0; part <= round; part++)
      expect(await outcomesOf(records(part))).toEqual({ ...NONE, received: 2_000, duplicate: 2_000 });
  }
});
