import { canonicalText } from '@holdfast/domains/tracking/core/canonical-json';
import { canonicalDigest } from '@holdfast/domains/tracking/intake/hashing';
import * as fc from 'fast-check';

/** The same value with its members in another order, and spaces between everything. */
function reworded(value: unknown): string {
  if (Array.isArray(value)) return `[ ${value.map(reworded).join(' ,\n')} ]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).reverse();
  return `{\t${entries.map(([name, one]) => `${JSON.stringify(name)} : ${reworded(one)}`).join(' , ')}}`;
}
const json = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' });

test('one value has one canonical form, which is that value again', () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = canonicalText(value);
      expect(canonicalText(JSON.parse(reworded(value)))).toBe(text);
      expect(canonicalText(JSON.parse(text))).toBe(text);
      expect(JSON.stringify(JSON.parse(text), sorted)).toBe(JSON.stringify(value, sorted));
    }),
  );
});

test('digests tell values apart that differ, and only those', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      const [one, other] = [a, b].map((value) => canonicalDigest(JSON.parse(reworded(value))));
      expect(one === other).toBe(canonicalText(a) === canonicalText(b));
    }),
  );
});

const sorted = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    : value;
