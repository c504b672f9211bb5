import type { AgreedField, Cardinality } from '@holdfast/domains/catalog/core/process';
import { hopsOf } from '@holdfast/domains/catalog/core/topology';
import { agree } from '@holdfast/domains/reconciliation/core/agree';
import { compareKey, type Discrepancy, type Sighting, type Terms } from '@holdfast/domains/reconciliation/core/compare';
import { pairUp } from '@holdfast/domains/reconciliation/core/pair-up';
import { agreedText, fieldPlans } from '@holdfast/domains/tracking/core/agreed';
import { parseExact } from '@holdfast/domains/tracking/core/exact-json';
import { microsOf } from '@holdfast/kernel';
import * as fc from 'fast-check';

/** A value in the model's own terms: whole cents, whole milliseconds, letters. The model never looks at what is sent of it. */
type Value =
  | { readonly kind: 'cents'; readonly cents: number; readonly asText: boolean }
  | { readonly kind: 'time'; readonly millis: number; readonly offset: number }
  | { readonly kind: 'letters'; readonly letters: string }
  | { readonly kind: 'list'; readonly of: readonly number[] }
  | { readonly kind: 'none'; readonly asNull: boolean };

const cents = (most: number) =>
  fc.record({
    kind: fc.constant('cents' as const),
    cents: fc.integer({ min: -most, max: most }),
    asText: fc.boolean(),
  });
const time = fc.record({
  kind: fc.constant('time' as const),
  millis: fc.integer({ min: 0, max: 2_500 }),
  offset: fc.constantFrom(0, 60, -90, 330),
});
const letters = fc.record({
  kind: fc.constant('letters' as const),
  letters: fc.constantFrom('', 'a', 'A', 'ab', 'aB', 'É', 'é'),
});
const list = fc.record({
  kind: fc.constant('list' as const),
  of: fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 2 }),
});
const none = fc.record({ kind: fc.constant('none' as const), asNull: fc.boolean() });
const value: fc.Arbitrary<Value> = fc.oneof(cents(5), cents(5), cents(900_000_000), time, letters, list, none);

const NOON = microsOf('2026-10-25T12:00:00Z') / 1000;

/** What a system would send for it; undefined leaves the field out. */
function sent(of: Value): unknown {
  switch (of.kind) {
    case 'cents': {
      const text = `${of.cents < 0 ? '-' : ''}${Math.floor(Math.abs(of.cents) / 100)}.${String(Math.abs(of.cents) % 100).padStart(2, '0')}`;
      return of.asText ? text : Number(text);
    }
    case 'time': {
      const sign = of.offset < 0 ? '-' : '+';
      const [hours, minutes] = [Math.floor(Math.abs(of.offset) / 60), Math.abs(of.offset) % 60];
      const local = new Date(NOON + of.millis + of.offset * 60_000).toISOString().slice(0, -1);
      return `${local}${sign}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
    }
    case 'letters':
      return of.letters;
    case 'list':
      return [...of.of];
    case 'none':
      return of.asNull ? null : undefined;
  }
}

/** A tolerance in the model's terms: cents, per mille, milliseconds. */
type Slack =
  | { readonly kind: 'exact' | 'case' }
  | { readonly kind: 'absolute'; readonly cents: number }
  | { readonly kind: 'relative'; readonly perMille: number }
  | { readonly kind: 'time'; readonly millis: number };
const slack: fc.Arbitrary<Slack> = fc.oneof(
  fc.constant({ kind: 'exact' as const }),
  fc.constant({ kind: 'case' as const }),
  fc.record({ kind: fc.constant('absolute' as const), cents: fc.constantFrom(1, 2, 100) }),
  fc.record({ kind: fc.constant('relative' as const), perMille: fc.constantFrom(1, 250, 500, 1000) }),
  fc.record({ kind: fc.constant('time' as const), millis: fc.constantFrom(1, 1_000, 2_500) }),
);
const fieldOf = (name: string, of: Slack): AgreedField => {
  switch (of.kind) {
    case 'exact':
      return { name };
    case 'case':
      return { name, tolerance: { kind: 'case' } };
    case 'absolute':
      return { name, tolerance: { kind: 'absolute', by: of.cents / 100 } };
    case 'relative':
      return { name, tolerance: { kind: 'relative', by: of.perMille / 1000 } };
    case 'time':
      return { name, tolerance: { kind: 'time', seconds: of.millis / 1000 } };
  }
};

/** Whether two values agree, worked out in whole numbers. */
function naiveAgree(a: Value, b: Value, of: Slack): boolean {
  if (JSON.stringify(sent(a) ?? null) === JSON.stringify(sent(b) ?? null)) return true;
  if (of.kind === 'case' && a.kind === 'letters' && b.kind === 'letters')
    return a.letters.toLowerCase() === b.letters.toLowerCase();
  if (of.kind === 'time' && a.kind === 'time' && b.kind === 'time') return Math.abs(a.millis - b.millis) <= of.millis;
  if (a.kind !== 'cents' || b.kind !== 'cents') return false;
  const apart = Math.abs(a.cents - b.cents);
  if (of.kind === 'absolute') return apart <= of.cents;
  if (of.kind === 'relative') return apart * 1000 <= of.perMille * Math.max(Math.abs(a.cents), Math.abs(b.cents));
  return false;
}

/** The most pairs that can be made, by trying everything. */
function mostPairs(rows: number, columns: number, fits: (row: number, column: number) => boolean): number {
  const from = (row: number, taken: number): number => {
    if (row === rows) return 0;
    let most = from(row + 1, taken);
    for (let column = 0; column < columns; column++)
      if ((taken & (1 << column)) === 0 && fits(row, column))
        most = Math.max(most, 1 + from(row + 1, taken | (1 << column)));
    return most;
  };
  return from(0, 0);
}

const DEADLINE = microsOf('2026-10-26T00:15:00Z');
interface Event {
  readonly values: readonly Value[];
  readonly late: number;
}
/** As the judge reads it: through the text that intake stored. */
const sighting = ({ values, late }: Event, fields: readonly AgreedField[]): Sighting => ({
  values: JSON.parse(
    agreedText(Object.fromEntries(fields.map(({ name }, i) => [name, sent(values[i]!)])), fieldPlans(fields, 'any')),
  ) as unknown[],
  at: 0,
  lateAt: late > 0 ? DEADLINE + late : 0,
});
/** Each stage to the next one. */
const termsOf = (stages: readonly string[], fields: readonly AgreedField[], cardinality: Cardinality): Terms => ({
  stages,
  hops: hopsOf({ stages: stages.map((id) => ({ id, role: 'target' })), cardinality }),
  fields,
  duplicates: 'report',
  deadline: DEADLINE,
});

const STAGES = ['shop', 'hub', 'erp'];
const scene = fc
  .record({
    slacks: fc.array(slack, { maxLength: 2 }),
    cardinality: fc.constantFrom<Cardinality>('1:1', '1:n', 'n:1', 'n:m'),
    stages: fc.integer({ min: 2, max: 3 }),
    palette: fc.array(fc.array(value, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 3 }),
    picks: fc.array(fc.array(fc.tuple(fc.nat(2), fc.constantFrom(0, 0, 0, 0, -1, 1)), { maxLength: 4 }), {
      minLength: 3,
      maxLength: 3,
    }),
  })
  .map(({ picks, palette, ...rest }) => ({
    ...rest,
    // Stages pick from few values, so that most of them agree with something.
    seen: picks.map((ofStage) =>
      ofStage.map(([pick, late]): Event => ({ values: palette[pick % palette.length]!, late })),
    ),
  }));

describe('comparison of one key', () => {
  it('finds exactly the kinds, hops and counts of a model that tries every pairing', () => {
    fc.assert(
      fc.property(scene, ({ slacks, cardinality, stages: count, seen }) => {
        const stages = STAGES.slice(0, count);
        const fields = slacks.map((of, i) => fieldOf(`f${i}`, of));
        const given = new Map(
          stages.flatMap((stage, i) =>
            seen[i]!.length > 0 ? [[stage, seen[i]!.map((one) => sighting(one, fields))] as const] : [],
          ),
        );
        const found = compareKey('k', given, termsOf(stages, fields, cardinality));
        const wanted: Pick<Discrepancy, 'kind' | 'stage' | 'hop'>[] = [];
        const kept = new Map<string, number>();
        stages.forEach((stage, i) => {
          const arrived = seen[i]!;
          const hop = i === 0 ? stage : `${stages[i - 1]!}->${stage}`;
          const tell = (kind: Discrepancy['kind']): void => void wanted.push({ kind, stage, hop });
          if (arrived.some(({ late }) => late > 0)) tell('late');
          if (i === 0) return;
          const before = seen[i - 1]!;
          if (before.length === 0 && arrived.length > 0) tell('orphan');
          const due = cardinality === '1:1' ? before.length : cardinality === 'n:1' ? 1 : Infinity;
          if (before.length > 0 && arrived.length > due) tell('duplicate');
          const fits = (row: number, column: number): boolean =>
            slacks.every((of, f) => naiveAgree(before[row]!.values[f]!, arrived[column]!.values[f]!, of));
          const pairs = mostPairs(before.length, arrived.length, fits);
          const strange = arrived.filter((_, column) => !before.some((_event, row) => fits(row, column))).length;
          const changed = cardinality === '1:1' ? Math.min(before.length, arrived.length) - pairs : strange;
          const partnerless = before.filter((_, row) => !arrived.some((_event, column) => fits(row, column))).length;
          const unpaired = cardinality.startsWith('1') ? before.length - pairs : partnerless;
          const lost = Math.max(0, unpaired - changed);
          if (lost > 0) tell('missing');
          if (before.length > 0) kept.set(stage, before.length - lost);
          const differs = before.length > 0 && arrived.length > 0 && changed > 0;
          if (differs) tell('mutated');
        });
        const order = (one: { stage: string; kind: string }): string => `${one.stage} ${one.kind}`;
        const shown = (all: readonly Pick<Discrepancy, 'kind' | 'stage' | 'hop'>[]) =>
          all.map(({ kind, stage, hop }) => ({ kind, stage, hop })).sort((a, b) => (order(a) < order(b) ? -1 : 1));
        expect(shown(found)).toEqual(shown(wanted));
        for (const { kind, stage, expected, found: was, field } of found) {
          const at = stages.indexOf(stage);
          if (kind === 'missing' || kind === 'orphan' || kind === 'duplicate') {
            const ofOne = kind === 'duplicate' && cardinality === 'n:1';
            expect(parseInt(expected)).toBe(ofOne ? 1 : seen[at - 1]!.length);
            expect(Number(was)).toBe(kind === 'missing' ? kept.get(stage) : seen[at]!.length);
          }
          if (kind === 'late') expect(Number(was)).toBeGreaterThan(Number(expected));
          if (kind === 'mutated') {
            const [one, other] = [expected, was].map((text) => JSON.parse(text) as Record<string, unknown>);
            expect(Object.keys(one!)).toEqual(field.split(', '));
            for (const name of field.split(', ')) {
              const { tolerance } = fields.find((of) => of.name === name)!;
              expect(agree(one![name], other![name], tolerance)).toBe(false);
            }
          }
        }
      }),
      { numRuns: 2_500 },
    );
  });

  it('values agree as whole numbers say, in both directions', () => {
    fc.assert(
      fc.property(value, value, slack, (a, b, of) => {
        const { tolerance } = fieldOf('f', of);
        const agreed = agree(sent(a), sent(b), tolerance);
        expect(agreed).toBe(naiveAgree(a, b, of));
        expect(agree(sent(b), sent(a), tolerance)).toBe(agreed);
      }),
      { numRuns: 4_000 },
    );
  });

  it('amounts of more digits than a double holds agree within a tolerance, and differ without one', () => {
    const stored = (amount: string, fields: readonly AgreedField[]): unknown =>
      (JSON.parse(agreedText(parseExactRecord(`{"amount":${amount}}`), fieldPlans(fields, 'any'))) as unknown[])[0];
    fc.assert(
      fc.property(
        fc.bigInt({ min: 10n ** 16n, max: 10n ** 20n }),
        fc.constantFrom(0n, 1n, -1n, 1_000n),
        (whole, apart) => {
          const [one, other] = [whole, whole + apart].map((n) => stored(`${n}.25`, [{ name: 'amount' }]));
          expect(agree(one, other, undefined)).toBe(apart === 0n);
          expect(agree(one, other, { kind: 'relative', by: 0.001 })).toBe(true);
          expect(agree(one, `${whole + apart}.25`, { kind: 'relative', by: 0.001 })).toBe(true);
          expect(agree(one, other, { kind: 'absolute', by: 1 })).toBe(apart <= 1n);
          expect(agree(one, `${whole + apart}.25`, { kind: 'absolute', by: 0.5 })).toBe(apart === 0n);
          expect(agree(one, stored(`${whole * 2n}`, [{ name: 'amount' }]), { kind: 'relative', by: 0.001 })).toBe(
            false,
          );
        },
      ),
    );
  });

  it('in 1:n, parts of one event do not make up for another that is lost', () => {
    const fields: AgreedField[] = [{ name: 'line' }];
    const seen = (...lines: string[]): Sighting[] => lines.map((line) => ({ values: [line], at: 0, lateAt: 0 }));
    const found = (sent: Sighting[], arrived: Sighting[]) =>
      compareKey(
        'k',
        new Map([
          ['shop', sent],
          ['hub', arrived],
        ]),
        termsOf(['shop', 'hub'], fields, '1:n'),
      ).map(({ kind, expected, found: was }) => [kind, expected, was]);
    expect(found(seen('A', 'B'), seen('A', 'A'))).toEqual([['missing', '2 or more', '1']]);
    expect(found(seen('A', 'B'), seen('A', 'B', 'B'))).toEqual([]);
    expect(found(seen('A', 'B'), seen('A', 'C'))).toEqual([['mutated', '{"line":"B"}', '{"line":"C"}']]);
  });

  it('pairs as many as can be paired, each with one that fits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), { maxLength: 6 }),
        fc.integer({ min: 0, max: 6 }),
        (table, columns) => {
          const rows = table.map((_, i) => i);
          const others = Array.from({ length: columns }, (_, i) => i);
          const fits = (row: number, column: number): boolean => table[row]![column]!;
          const { sent: left, arrived } = pairUp(rows, others, fits, String);
          expect(rows.length - left.length).toBe(mostPairs(rows.length, columns, fits));
          expect(others.length - arrived.length).toBe(rows.length - left.length);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('pairing of very many', () => {
  const wide = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 150, maxLength: 300 });
  it('makes no pair that does not match, and finds every pair of what is alike', () => {
    fc.assert(
      fc.property(wide, wide, (one, other) => {
        const [sent, arrived] = [one, other].map((all) => all.map((n) => n * 10));
        const left = pairUp(sent!, arrived!, (a, b) => Math.abs(a - b) <= 5, String);
        const count = (all: readonly number[], n: number): number => all.filter((of) => of === n).length;
        for (let n = 0; n <= 400; n += 10) {
          const [came, went] = [count(arrived!, n), count(sent!, n)];
          expect(count(left.sent, n)).toBe(Math.max(0, went - came));
          expect(count(left.arrived, n)).toBe(Math.max(0, came - went));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('takes time in proportion: 200,000 that are nearly alike', () => {
    const sent = Array.from({ length: 200_000 }, (_, i) => i * 10);
    const left = pairUp(
      sent,
      sent.map((n) => n + 1),
      (a, b) => Math.abs(a - b) <= 5,
      String,
    );
    expect([left.sent, left.arrived]).toEqual([[], []]);
  });
});

describe('agreed fields as text', () => {
  it('are equal exactly when the values are, however members are ordered and letters are written', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), fc.boolean(), (one, other, same) => {
        const fields: AgreedField[] = [{ name: 'a.b' }, { name: 'c', tolerance: { kind: 'case' } }];
        const text = (of: unknown, name: string) =>
          agreedText({ a: { b: reversed(of) }, c: name }, fieldPlans(fields, 'any'));
        const second = same ? structuredClone(one) : other;
        const equal = sortedText(one) === sortedText(second);
        expect(text(one, 'Ab') === text(reversed(second), 'aB')).toBe(equal);
        expect(text(one, 'x')).not.toBe(text(one, 'y'));
      }),
    );
  });
});

/** The same value with members in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, of]) => [name, reversed(of)]),
  );
}
function sortedText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedText).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, of]) => `${JSON.stringify(name)}:${sortedText(of)}`);
  return `{${members.sort().join()}}`;
}
const parseExactRecord = (text: string) => parseExact(text) as Record<string, unknown>;
