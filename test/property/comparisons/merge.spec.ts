import * as fc from 'fast-check';
import { compareKeys, type Field } from '../../../libs/domains/comparisons/core/canonical';
import { CutOffError, LineReader } from '../../../libs/domains/comparisons/core/line-reader';
import {
  CrowdedKeyError,
  Merge,
  RepeatedKeyError,
  type MergeOptions,
} from '../../../libs/domains/comparisons/core/merge';
import { pairRows } from '../../../libs/domains/comparisons/core/pair-rows';
import type { LogicalType } from '../../../libs/domains/comparisons/core/logical-type';

type Line = readonly [key: number, group: string | null, value: string | null];

const TYPES: readonly LogicalType[] = [{ kind: 'text' }, { kind: 'integer' }];
const SAMENESS = [{ type: { kind: 'text' }, nulls: 'distinct' }] as const;

const escaped = (value: string | null): string =>
  value === null ? '\\N' : value.replace(/[\\\t\n]/g, (one) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n' })[one]!);
const fields = ([key, group, value]: Line): Field[] => [
  group === null ? null : Buffer.from(group).toString('latin1'),
  String(key),
  value === null ? null : Buffer.from(value).toString('latin1'),
];
const inOrder = (lines: readonly Line[]): Line[] =>
  [...lines].sort((a, b) => compareKeys(TYPES, fields(a).slice(0, 2), fields(b).slice(0, 2)));
const bytesOf = (lines: readonly Line[]): Buffer =>
  Buffer.from(lines.map(([key, group, value]) => `${escaped(group)}\t${key}\t${escaped(value)}\n`).join(''));

/** Cut where it happens to be cut. */
async function* chunks(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

interface Outcome {
  same: number;
  added: string[];
  removed: string[];
  changed: string[];
}

async function merged(
  source: readonly Line[],
  target: readonly Line[],
  sizes: readonly number[],
  options: Partial<MergeOptions> = {},
): Promise<Outcome> {
  const readers = {
    source: new LineReader(chunks(bytesOf(source), sizes)),
    target: new LineReader(chunks(bytesOf(target), [...sizes].reverse())),
  };
  const merge = new Merge(readers, {
    ...{ keyTypes: TYPES, unique: { source: false, target: false }, allowDuplicates: true, equalBytesAreSame: true },
    mostOfKey: 100_000,
    ...options,
  });
  const outcome: Outcome = { same: 0, added: [], removed: [], changed: [] };
  for (let turns = 0; await merge.ready();)
    for (let found = merge.next(); found; found = merge.next()) {
      if (++turns > 10 * (source.length + target.length) + 10) throw new Error('it does not advance');
      outcome.same += found.same;
      if (!found.differing) continue;
      const paired = pairRows(SAMENESS, found.differing.source, found.differing.target);
      outcome.same += paired.same;
      for (const one of paired.differences) outcome[one.is].push(JSON.stringify(one.key));
    }
  return outcome;
}

/** The same by looking at everything at once. */
function expected(source: readonly Line[], target: readonly Line[]): Outcome {
  const outcome: Outcome = { same: 0, added: [], removed: [], changed: [] };
  const keyOf = ([key, group]: Line): string => JSON.stringify([group, String(key)]);
  for (const key of new Set(inOrder([...source, ...target]).map(keyOf))) {
    const left = source.filter((line) => keyOf(line) === key).map(([, , value]) => value);
    const right = target.filter((line) => keyOf(line) === key).map(([, , value]) => value);
    for (const value of [...left]) {
      if (!right.includes(value)) continue;
      left.splice(left.indexOf(value), 1);
      right.splice(right.indexOf(value), 1);
      outcome.same++;
    }
    for (let at = 0; at < Math.max(left.length, right.length); at++)
      outcome[at >= left.length ? 'added' : at >= right.length ? 'removed' : 'changed'].push(key);
  }
  return outcome;
}

const text: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      '',
      'a',
      'b',
      'A',
      'é',
      '\uFFFD',
      '\u{1F600}',
      '\uE000',
      'a\tb',
      'a\nb',
      '\\N',
      '\\',
      'N',
    ),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }) },
  { weight: 1, arbitrary: fc.integer({ min: 200, max: 3_000 }).map((length) => 'w'.repeat(length)) },
);
const line = fc.tuple(fc.integer({ min: -12, max: 12 }), fc.option(text, { freq: 5 }), fc.option(text, { freq: 5 }));
const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 41, max: 100_000 })), {
  minLength: 1,
  maxLength: 4,
});
/** Much in common, and some of it changed. */
const sides = fc.tuple(
  fc.array(line, { maxLength: 60 }),
  fc.array(line, { maxLength: 12 }),
  fc.array(line, { maxLength: 12 }),
);

describe('a merge', () => {
  it('finds what looking at everything at once finds, however the streams are cut', async () => {
    await fc.assert(
      fc.asyncProperty(sides, sizes, async ([common, left, right], cuts) => {
        const [source, target] = [inOrder([...common, ...left]), inOrder([...right, ...common])];
        expect(await merged(source, target, cuts)).toEqual(expected(source, target));
      }),
      { numRuns: 300 },
    );
  });

  it('finds the same where stores say that keys are unique', async () => {
    await fc.assert(
      fc.asyncProperty(sides, sizes, async ([common, left, right], cuts) => {
        const unique = (lines: readonly Line[]): Line[] => [
          ...new Map(inOrder(lines).map((one) => [JSON.stringify(one.slice(0, 2)), one])).values(),
        ];
        const [source, target] = [unique([...common, ...left]), unique([...common, ...right])];
        const options = { unique: { source: true, target: true }, allowDuplicates: false };
        expect(await merged(source, target, cuts, options)).toEqual(expected(source, target));
        expect(await merged(source, target, cuts, { allowDuplicates: false })).toEqual(expected(source, target));
        // The slow way comes to the same.
        expect(await merged(source, target, cuts, { ...options, equalBytesAreSame: false })).toEqual(
          expected(source, target),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('names a key that repeats, also among rows that are equal on both sides', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 30 }), fc.nat(), sizes, async (lines, pick, cuts) => {
        const repeated = lines[pick % lines.length]!;
        const both = inOrder([...lines, repeated]);
        await expect(merged(both, both, cuts, { allowDuplicates: false })).rejects.toThrow(RepeatedKeyError);
      }),
      { numRuns: 100 },
    );
  });

  describe('of rows of one key without end', () => {
    async function* endless(): AsyncGenerator<Buffer> {
      for (let turn = 0; ; turn++) {
        if (turn > 1_000) throw new Error('it reads on and on');
        yield Buffer.from(`g\t1\tv${turn}\n`.repeat(100));
      }
    }
    const begin = async (options: Partial<MergeOptions>): Promise<void> => {
      const readers = { source: new LineReader(endless()), target: new LineReader(chunks(bytesOf([]), [1])) };
      const merge = new Merge(readers, {
        ...{ keyTypes: TYPES, unique: { source: false, target: false }, allowDuplicates: true, mostOfKey: 500 },
        ...{ equalBytesAreSame: true, ...options },
      });
      while (await merge.ready()) while (merge.next());
    };

    it('ends at the second one where keys must not repeat', async () => {
      await expect(begin({ allowDuplicates: false })).rejects.toMatchObject({
        name: 'RepeatedKeyError',
        keys: [['g', '1']],
      });
    });

    it('ends, naming the key, where there are too many to be paired', async () => {
      await expect(begin({})).rejects.toThrow(CrowdedKeyError);
    });
  });

  it('pairs very many rows of one key, in whatever order', () => {
    const rows = Array.from({ length: 60_000 }, (_, at) => ({ key: ['k'], values: [`v${at}`] }));
    const { same, differences } = pairRows(SAMENESS, rows, [...rows].reverse().slice(1));
    expect({ same, differences }).toEqual({
      same: 59_999,
      differences: [{ is: 'removed', key: ['k'], source: ['v59999'] }],
    });
  });

  it('pairs what is equal before what is close', () => {
    const columns = [{ type: { kind: 'integer' }, nulls: 'never_equal', tolerance: { absolute: 1 } }] as const;
    const rows = (...values: (string | null)[]) => values.map((value) => ({ key: ['k'], values: [value] }));
    expect(pairRows(columns, rows('1', '2', null), rows('02', '3', null))).toMatchObject({
      ...{
        same: 1,
        differences: [
          { is: 'changed', source: ['1'], target: ['3'] },
          { source: [null], target: [null] },
        ],
      },
    });
  });

  it('says that a stream ended within a row', async () => {
    const whole = bytesOf([[1, 'a', 'b']]);
    const reader = new LineReader(chunks(whole.subarray(0, -1), [100]));
    await expect(reader.fill()).rejects.toThrow(CutOffError);
  });
});
