import * as fc from 'fast-check';
import { decimalOf, decimalText, rounded, scaled, sumOf } from './decimal';

test.each([
  ['0', '0'],
  ['-0.00', '0'],
  ['10.00', '10'],
  ['1e2', '100'],
  ['12.340', '12.34'],
  ['-0.5', '-0.5'],
  ['125E-1', '12.5'],
])('%s is %s', (text, expected) => {
  expect(decimalText(decimalOf(text)!)).toBe(expected);
});

test.each(['', '1.', '.5', '1,5', 'NaN', '0x1', '1e9999', '9'.repeat(1_001)])('%s is no decimal', (text) => {
  expect(decimalOf(text)).toBeUndefined();
});

test.each([
  ['2.345', 2, '2.35'],
  ['-2.345', 2, '-2.35'],
  ['2.344', 2, '2.34'],
  ['2.5', 0, '3'],
  ['7', 2, '7'],
  ['0.004', 2, '0'],
])('%s with %p decimals is %s', (text, decimals, expected) => {
  expect(decimalText(rounded(decimalOf(text)!, decimals))).toBe(expected);
});

it('adds cents exactly', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e9, max: 1e9 }), { maxLength: 20 }), (cents) => {
      const sum = sumOf(cents.map((one) => scaled(decimalOf(String(one))!, -2)))!;
      const whole = cents.reduce((all, one) => all + BigInt(one), 0n);
      expect(decimalText(scaled(sum, 2))).toBe(String(whole));
    }),
  );
});

it('adds nothing up that is too far apart', () => {
  expect(sumOf([decimalOf('1e1000')!, decimalOf('1e-1000')!])).toBeUndefined();
});
