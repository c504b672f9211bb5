import { compareKeys, mergeKeys } from '@holdfast/domains/quality/core/reference';
import * as fc from 'fast-check';

const key = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\uFB01', '\u{1F600}', '\uD7FF'), maxLength: 5 });
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

async function* pages(keys: readonly string[], size: number): AsyncGenerator<string[]> {
  for (let at = 0; at < keys.length; at += size) yield keys.slice(at, at + size);
}

test('keys are in the order of their UTF-8 bytes', () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(byBytes(a, b));
    }),
  );
});

test('a merge tells every key once, and on which sides it is, whatever the pages', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { maxLength: 30 }),
      fc.uniqueArray(key, { maxLength: 30 }),
      fc.integer({ min: 1, max: 7 }),
      async (left, right, size) => {
        const sorted = [left, right].map((keys) => keys.toSorted(byBytes));
        const told: string[] = [];
        for await (const { side, key: merged } of mergeKeys(pages(sorted[0]!, size), pages(sorted[1]!, size + 1)))
          told.push(`${side} ${merged}`);
        const all = [...new Set([...left, ...right])].toSorted(byBytes);
        expect(told).toEqual(
          all.map((one) => {
            const side = !right.includes(one) ? 'tracking' : !left.includes(one) ? 'business' : 'both';
            return `${side} ${one}`;
          }),
        );
      },
    ),
  );
});

test('what is not in order, or not distinct, is refused instead of being merged wrongly', async () => {
  const merge = async (keys: readonly string[]): Promise<void> => {
    for await (const one of mergeKeys(pages(keys, 2), pages([], 1))) expect(one.side).toBe('tracking');
  };
  await expect(merge(['a', 'c', 'b'])).rejects.toThrow('not in order');
  await expect(merge(['a', 'a'])).rejects.toThrow('not in order');
});
