import type { HoldScope } from '@holdfast/domains/holds/core/scope';
import { type HoldStage, partsOn, SleepyClickHouse, startHoldStage, versionOf } from './hold-stage';

let stage: HoldStage;
beforeAll(async () => {
  stage = await startHoldStage();
});
afterAll(() => stage?.stop());
beforeEach(() => stage.clear());

const OLD = { id: '1-201905', class: 'standard' };
const record = (id: string, over: object = {}) => ({ id, process: 'p', key: id, on: '2019-05-04', ...over });
/** A purge that waits at the moment before the engine hears of it. */
function purgeAtTheDoor() {
  const sleepy = new SleepyClickHouse(stage.address);
  const ended = partsOn(sleepy)
    .purger.purge(OLD)
    .finally(() => sleepy.close());
  ended.catch(() => undefined);
  return { ended, isThere: sleepy.isThere, open: sleepy.wake };
}

describe('a purge of a partition', () => {
  it('deletes all of it where nothing is held, and nothing of others', async () => {
    await stage.insert([record('a'), record('b'), record('c', { on: '2019-06-01' }), record('d', { class: 'audit' })]);
    expect(await partsOn(stage.clickhouse).purger.purge(OLD)).toMatchObject({ rows: 2, kept: 0, held: 0 });
    expect(await stage.ids()).toEqual(['c', 'd']);
    expect(await stage.fences()).toEqual([]);
  });

  test.each<[string, HoldScope, string[]]>([
    ['keys of a process', { processes: ['p'], keys: ['a', 'x'] }, ['a', 'a2']],
    ['a subject, as key and as correlation id', { subject: { aliases: ['b', 'trace-1'] } }, ['b', 'c']],
    [
      'a subject in the data',
      { subject: { aliases: ['anna', '4711'], fields: ['customer.name', 'customer.number'] } },
      ['d', 'e'],
    ],
    ['a process', { processes: ['q'] }, ['q']],
    ['a period', { from: Date.UTC(2019, 4, 20) * 1000, to: Date.UTC(2019, 4, 21) * 1000 }, ['late']],
    ['a type at a stage', { types: ['invoice'], stages: ['erp'] }, ['f']],
    ['a category', { categories: ['pci'] }, ['g']],
    [
      'values of the data',
      {
        processes: ['p'],
        fields: [
          { path: 'customer.name', in: ['anna'] },
          { path: 'amount', in: ['5'] },
        ],
      },
      ['d'],
    ],
    ['another class', { classes: ['audit'] }, []],
    ['everything', { everything: true }, ['a', 'a2', 'b', 'c', 'd', 'e', 'f', 'g', 'late', 'q']],
  ])('keeps what is held: %s', async (_, scope, expected) => {
    await stage.insert([
      ...[record('a'), record('a2', { key: 'a', stage: 'hub' }), record('b'), record('c', { correlation: 'trace-1' })],
      record('d', { data: { customer: { name: 'anna' }, amount: 5 } }),
      record('e', { data: { customer: { name: 'berta', number: 4711 }, amount: 5 } }),
      ...[record('f', { type: 'invoice', stage: 'erp' }), record('g', { categories: 'gdpr_personal,pci' })],
      ...[record('late', { on: '2019-05-20' }), record('q', { process: 'q' })],
    ]);
    const { enforcer, purger } = partsOn(stage.clickhouse);
    expect(await enforcer.enforce(versionOf('h-1', scope))).toEqual([]);
    expect(await purger.purge(OLD)).toMatchObject({
      ...{ rows: 10 - expected.length, kept: expected.length, held: expected.length },
    });
    expect(await stage.ids()).toEqual(expected);
    await enforcer.enforce(versionOf('h-1', scope, 'releasing', 2));
    await purger.purge(OLD);
    expect(await stage.ids()).toEqual(expected);
    await enforcer.enforce(versionOf('h-1', scope, 'released', 3));
    await purger.purge(OLD);
    expect(await stage.ids()).toEqual([]);
  });

  it('keeps what else is to stay', async () => {
    await stage.insert([record('a'), record('b'), record('c')]);
    const { enforcer, purger } = partsOn(stage.clickhouse);
    await enforcer.enforce(versionOf('h-1', { processes: ['p'], keys: ['a'] }));
    const done = await purger.purge(OLD, (table) =>
      stage.sql
        .command({
          query: `INSERT INTO ${table} SELECT * FROM tracking_records WHERE _partition_id = '1-201905' AND key = 'b'`,
        })
        .then(() => undefined),
    );
    expect([done, await stage.ids()]).toMatchObject([{ rows: 1, kept: 2 }, ['a', 'b']]);
  });
});

describe('a hold that is placed while a purge is under way', () => {
  it('before it has read the holds: the purge begins anew, and stops short of it', async () => {
    await stage.insert([record('a'), record('b')]);
    const { holds, purger, guard, enforcer } = partsOn(stage.clickhouse);
    const run = guard.run.bind(guard);
    let tries = 0;
    guard.run = async (deletion, remove) => {
      if ((tries += 1) === 1) await enforcer.enforce(versionOf('h-1', { processes: ['p'], keys: ['a'] }));
      return run(deletion, remove);
    };
    expect(await purger.purge(OLD)).toMatchObject({ rows: 1, kept: 1 });
    expect([tries, await stage.ids(), (await holds.inForce()).length]).toEqual([2, ['a'], 1]);
    expect(await stage.fences()).toEqual([]);
  });

  it('after that: waits for it, and says what had gone', async () => {
    await stage.insert([record('a'), record('b')]);
    const purge = purgeAtTheDoor();
    await purge.isThere;
    const { enforcer, intents } = partsOn(stage.clickhouse);
    const read = intents.open.bind(intents);
    intents.open = () => read().finally(purge.open);
    const placed = enforcer.enforce(versionOf('h-1', { processes: ['p'], keys: ['a'] }));
    expect(await purge.ended).toMatchObject({ rows: 2, kept: 0 });
    expect(await placed).toEqual([{ table: 'tracking_records', partition: '1-201905', class: 'standard', rows: 2 }]);
    expect(await stage.ids()).toEqual([]);
  });

  it('does not wait for what it cannot touch', async () => {
    await stage.insert([record('a')]);
    const purge = purgeAtTheDoor();
    await purge.isThere;
    const scope = { processes: ['p'], classes: ['audit'] };
    expect(await partsOn(stage.clickhouse).enforcer.enforce(versionOf('h-1', scope))).toEqual([]);
    purge.open();
    await purge.ended;
  });

  it('whose process sleeps: is fenced off, and deletes nothing when it wakes', async () => {
    await stage.insert([record('a'), record('b')]);
    const purge = purgeAtTheDoor();
    await purge.isThere;
    const { enforcer, intents } = partsOn(stage.clickhouse);
    const met = await enforcer.enforce(versionOf('h-1', { processes: ['p'], keys: ['a'] }));
    expect(met).toEqual([{ table: 'tracking_records', partition: '1-201905', class: 'standard', rows: null }]);
    expect(await stage.fences()).toEqual([]);
    purge.open();
    await expect(purge.ended).rejects.toThrow();
    expect(await stage.ids()).toEqual(['a', 'b']);
    // The next hold does not wait for it again.
    expect(await intents.open()).toEqual([]);
  });
});
