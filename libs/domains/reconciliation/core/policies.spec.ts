import type { AgreedField, DuplicatePolicy, Hop, NullPolicy } from '@holdfast/domains/catalog/core/process';
import { agree } from './agree';
import { compareKey, type Sighting } from './compare';

const seen = (...values: unknown[][]): Sighting[] => values.map((one) => ({ values: one, at: 5, lateAt: 0 }));
const kindsOf = (sent: Sighting[], arrived: Sighting[], terms: Partial<Parameters<typeof compareKey>[2]>) =>
  compareKey('k', new Map([...(sent.length > 0 ? ([['a', sent]] as const) : []), ['b', arrived]]), {
    stages: ['a', 'b'],
    hops: [{ from: ['a'], to: ['b'], cardinality: '1:1' }],
    fields: [],
    duplicates: 'report',
    deadline: 0,
    ...terms,
  }).map(({ kind, expected, found }) => [kind, expected, found]);

describe('null policies', () => {
  const one = { value: 1 };
  test.each<[NullPolicy, unknown, unknown, boolean]>([
    ['equal', null, null, true],
    ['equal', undefined, null, true],
    ['equal', null, 1, false],
    ['equal', 1, undefined, false],
    ['equal', one, one, true],
    ['differs', null, null, false],
    ['differs', undefined, undefined, false],
    ['differs', null, 1, false],
    ['differs', 1, null, false],
    ['differs', 1, 1, true],
    ['ignored', null, null, true],
    ['ignored', null, 1, true],
    ['ignored', 1, undefined, true],
    ['ignored', 1, 2, false],
    ['ignored', 1, 1, true],
  ])('%s: %p and %p agree: %p', (nulls, a, b, agrees) => {
    expect(agree(a, b, undefined, nulls)).toBe(agrees);
    expect(agree(a, b, { kind: 'absolute', by: 0.1 }, nulls)).toBe(agrees);
    const fields: AgreedField[] = [{ name: 'f', nulls }];
    expect(kindsOf(seen([a]), seen([b]), { fields })).toHaveLength(agrees ? 0 : 1);
  });
});

describe('duplicate policies', () => {
  const x = [1];
  const y = [2];
  const fields: AgreedField[] = [{ name: 'f' }];
  test.each<[DuplicatePolicy, Hop['cardinality'], unknown[][], unknown[][], string[]]>([
    ['report', '1:1', [x], [x], []],
    ['report', '1:1', [x], [x, x], ['duplicate']],
    ['report', '1:1', [x], [x, y], ['duplicate']],
    ['report', '1:1', [x, x], [x, x], []],
    ['allow-identical', '1:1', [x], [x, x, x], []],
    ['allow-identical', '1:1', [x], [x, y], ['duplicate']],
    ['allow-identical', '1:1', [x, x], [x, x, y], ['duplicate']],
    ['allow-identical', '1:1', [x, x], [x, x, x], []],
    ['allow-identical', '1:1', [x], [y, y], ['mutated']],
    ['allow', '1:1', [x], [x, x, y], []],
    ['allow', '1:1', [x], [y, y], ['mutated']],
    ['report', '1:n', [x], [x, x, x], []],
    ['report', 'n:1', [x, x], [x], []],
    ['report', 'n:1', [x, x], [x, x], ['duplicate']],
    ['allow-identical', 'n:1', [x, x], [x, x], []],
    ['allow', 'n:1', [x, x], [x, x], []],
    ['report', 'n:m', [x, y], [x, x, y], []],
    ['allow', '1:1', [x, x], [x], ['missing']],
  ])('%s, %s: %j became %j: %j', (duplicates, cardinality, sent, arrived, kinds) => {
    const hops = [{ from: ['a'], to: ['b'], cardinality }];
    expect(kindsOf(seen(...sent), seen(...arrived), { duplicates, hops, fields }).map(([kind]) => kind)).toEqual(kinds);
  });
});

it('several pairs of a key that differ are told together', () => {
  const fields: AgreedField[] = [{ name: 'amount' }, { name: 'note' }];
  expect(kindsOf(seen([10, 'a'], [1_000, 'b']), seen([10.01, 'a'], [5_000, 'b']), { fields })).toEqual([
    ['mutated', '{"amount":[10,1000]}', '{"amount":[10.01,5000]}'],
  ]);
});

it('what is wrong on two ways to one stage is told together', () => {
  const hops: Hop[] = [
    { from: ['a'], to: ['b'], cardinality: '1:1' },
    { from: ['c'], to: ['b'], cardinality: '1:1' },
  ];
  const told = compareKey(
    'k',
    new Map([
      ['a', seen([1])],
      ['c', seen([2])],
      ['b', seen([3])],
    ]),
    {
      stages: ['a', 'b', 'c'],
      hops,
      fields: [{ name: 'f' }],
      duplicates: 'report',
      deadline: 0,
    },
  );
  expect(told).toMatchObject([{ kind: 'mutated', hop: 'a->b', expected: '{"f":1} | c->b: {"f":2}' }]);
});

describe('sums', () => {
  const fields: AgreedField[] = [{ name: 'amount', compare: 'sum' }];
  const split: Hop[] = [{ from: ['a'], to: ['b'], cardinality: '1:n' }];
  const sums = (sent: unknown[], arrived: unknown[], field: Partial<AgreedField> = {}) =>
    kindsOf(seen(...sent.map((one) => [one])), seen(...arrived.map((one) => [one])), {
      fields: [{ ...fields[0]!, ...field }],
      hops: split,
    });
  it('of parts are compared with the whole, exactly', () => {
    expect(sums([0.3], [0.1, 0.2])).toEqual([]);
    expect(sums(['0.30'], [0.1, '0.2'])).toEqual([]);
    expect(sums([10], [4, 5])).toEqual([['mutated', '{"amount":10}', '{"amount":9}']]);
    expect(sums([10], [4, 5], { tolerance: { kind: 'absolute', by: 1 } })).toEqual([]);
    expect(sums([10], [4, 6, null])).toEqual([]);
    expect(sums([null], [null, null])).toEqual([]);
    expect(sums([null], [null], { nulls: 'differs' })).toHaveLength(1);
    expect(sums([0], [null])).toHaveLength(1);
    expect(sums([10], [4, 'six'])).toEqual([['mutated', '{"amount":10}', '{"amount":"six"}']]);
  });
});

describe('hops', () => {
  const hops: Hop[] = [
    { from: ['web', 'store'], to: ['hub'], cardinality: '1:1' },
    { from: ['hub'], to: ['erp-a', 'erp-b'], cardinality: '1:1' },
  ];
  const told = (at: Record<string, number>) =>
    compareKey(
      'k',
      new Map(Object.entries(at).map(([stage, count]) => [stage, seen(...Array.from({ length: count }, () => []))])),
      {
        stages: ['web', 'store', 'hub', 'erp-a', 'erp-b'],
        hops,
        fields: [],
        duplicates: 'report',
        deadline: 0,
      },
    ).map(({ kind, stage, hop }) => `${kind} ${stage} ${hop}`);
  it('lead from any of several stages to any of several', () => {
    expect(told({ web: 1, hub: 1, 'erp-a': 1 })).toEqual([]);
    expect(told({ store: 1, hub: 1, 'erp-b': 1 })).toEqual([]);
    expect(told({ web: 1, store: 1, hub: 2, 'erp-a': 1, 'erp-b': 1 })).toEqual([]);
    expect(told({ web: 1, 'erp-a': 1 })).toEqual(['missing hub web+store->hub', 'orphan erp-a+erp-b hub->erp-a+erp-b']);
    expect(told({ web: 1, hub: 1, 'erp-a': 1, 'erp-b': 1 })).toEqual(['duplicate erp-a+erp-b hub->erp-a+erp-b']);
  });
});

it('names the fields that matter most first, with their rank', () => {
  const fields: AgreedField[] = [
    { name: 'note', rank: 'minor' },
    { name: 'plain' },
    { name: 'amount', rank: 'critical' },
  ];
  const [one] = compareKey(
    'k',
    new Map([
      ['a', seen(['x', 1, 2])],
      ['b', seen(['y', 2, 3])],
    ]),
    {
      stages: ['a', 'b'],
      hops: [{ from: ['a'], to: ['b'], cardinality: '1:1' }],
      fields,
      duplicates: 'report',
      deadline: 0,
    },
  );
  expect(one).toMatchObject({ field: 'amount, plain, note', rank: 'critical', since: 5 });
});
