import type { AgreedField, NullPolicy } from '@holdfast/domains/catalog/core/process';
import { agree } from '@holdfast/domains/reconciliation/core/agree';
import { agreedText, fieldPlans } from '@holdfast/domains/tracking/core/agreed';
import { parseExact } from '@holdfast/domains/tracking/core/exact-json';
import { eventDigest } from '@holdfast/domains/tracking/intake/hashing';
import * as fc from 'fast-check';

const wordOf = (hex: string): bigint => Buffer.from(hex, 'hex').readBigUInt64LE();
const dataOf = (json: string) => parseExact(json) as Record<string, unknown>;
const cents = fc.integer({ min: -500_000, max: 500_000 });
const amountText = (of: number): string => (of / 100).toFixed(2);

/** What digests of events of one key add up to. */
const sumOf = (stage: string, fields: readonly AgreedField[], bodies: readonly string[]): bigint => {
  const plans = fieldPlans(fields, stage);
  const words = bodies.map((body) => wordOf(eventDigest(7, 'k', stage, agreedText(dataOf(body), plans), plans)));
  return BigInt.asUintN(
    64,
    words.reduce((sum, one) => sum + one, 0n),
  );
};

it('equal sums have equal digests, and unequal ones do not, however a total is split into as many parts', () => {
  const fields: AgreedField[] = [{ name: 'amount', compare: 'sum', at: { b: { path: 'cents', minorUnits: 2 } } }];
  fc.assert(
    fc.property(
      fc.array(cents, { minLength: 2, maxLength: 6 }),
      cents,
      fc.constantFrom(0, 0, 1, -7),
      (parts, moved, off) => {
        const other = [parts[0]! + moved, parts[1]! - moved + off, ...parts.slice(2)];
        const a = sumOf(
          'a',
          fields,
          parts.map((one) => `{"amount":"${amountText(one)}"}`),
        );
        const b = sumOf(
          'b',
          fields,
          other.map((one) => `{"cents":${one}}`),
        );
        expect(a === b).toBe(off === 0);
      },
    ),
  );
});

it('values that agree by what is made of them have equal digests; those that differ have not', () => {
  const text = fc.constantFrom('a', ' a', 'A ', 'a  b', 'A b', '', ' ', '1', '1.0', '01.00', 'b');
  const fields: AgreedField[] = [{ name: 'f', normalise: ['trim', 'spaces', 'lower-case', 'empty-is-null', 'number'] }];
  const canonical = (one: string): string | number | null => {
    const made = one.trim().replace(/\s+/g, ' ').toLowerCase();
    return made === '' ? null : /^\d+(\.\d+)?$/.test(made) ? Number(made) : made;
  };
  fc.assert(
    fc.property(text, text, (one, other) => {
      const [a, b] = [one, other].map((of) => sumOf('s', fields, [JSON.stringify({ f: of })]));
      expect(a === b).toBe(canonical(one) === canonical(other));
    }),
  );
});

it('never has equal digests for what does not agree, whatever the null policy', () => {
  const value = fc.constantFrom('null', '1', '2', '"x"', 'absent');
  fc.assert(
    fc.property(
      value,
      value,
      fc.constantFrom<NullPolicy>('equal', 'differs', 'ignored'),
      fc.constantFrom<'each' | 'sum'>('each', 'sum'),
      (one, other, nulls, compare) => {
        const fields: AgreedField[] = [{ name: 'f', nulls, compare }];
        const body = (of: string): string => (of === 'absent' ? '{}' : `{"f":${of}}`);
        const [a, b] = [sumOf('a', fields, [body(one)]), sumOf('b', fields, [body(other)])];
        const parsed = (of: string): unknown => (of === 'absent' ? undefined : (JSON.parse(of) as unknown));
        if (!agree(parsed(one), parsed(other), undefined, nulls)) expect(a).not.toBe(b);
      },
    ),
  );
});

it('lines of one event add up to its total, also in currencies without minor units', () => {
  const fields: AgreedField[] = [
    { name: 'total', compare: 'sum', at: { erp: { path: 'lines[].minor', minorUnits: { currency: 'currency' } } } },
  ];
  const erp = (currency: string): bigint =>
    sumOf('erp', fields, [`{"currency":"${currency}","lines":[{"minor":1050},{"minor":450}]}`]);
  expect(erp('EUR')).toBe(sumOf('shop', fields, ['{"total":15}']));
  expect(erp('JPY')).toBe(sumOf('shop', fields, ['{"total":1500}']));
  expect(erp('KWD')).toBe(sumOf('shop', fields, ['{"total":"1.5"}']));
  expect(erp('EUR')).not.toBe(sumOf('shop', fields, ['{"total":15.01}']));
});
