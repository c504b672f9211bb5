import * as fc from 'fast-check';
import { z } from 'zod';
import { cursorOf, paginate } from './cursor';

describe('a cursor', () => {
  const cursor = cursorOf('things', z.tuple([z.int(), z.string()]));

  it('gives back the place that it was made of', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.string({ unit: 'grapheme', maxLength: 200 }), (at, id) => {
        expect(cursor.decode(cursor.encode([at, id]))).toEqual([at, id]);
        expect(cursor.encode([at, id])).toMatch(/^[\w-]+$/);
      }),
    );
  });

  it('is refused when it was changed, or made up', () => {
    const text = cursor.encode([7, 'abc']);
    const wrong = expect.objectContaining({ kind: 'invalid', code: 'invalid_cursor' });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String(),
          fc.nat(text.length - 1).map((at) => text.slice(0, at)),
        ),
        (other) => {
          expect(() => cursor.decode(other)).toThrow(wrong);
        },
      ),
    );
    for (const other of [`${text}=`, ` ${text}`, `${text}A`, 'x'.repeat(10_000)])
      expect(() => cursor.decode(other)).toThrow(wrong);
  });

  it('of another list is refused', () => {
    const other = cursorOf('others', z.tuple([z.int(), z.string()]));
    expect(() => cursor.decode(other.encode([7, 'abc']))).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
  });
});

describe('pages', () => {
  it('hold every item once, and end', () => {
    const cursor = cursorOf('numbers', z.tuple([z.int()]));
    fc.assert(
      fc.property(fc.nat(60), fc.integer({ min: 1, max: 20 }), (count, limit) => {
        const seen: number[] = [];
        for (let after = 0; ;) {
          const rows = Array.from({ length: Math.min(limit + 1, count - after) }, (_, index) => after + index + 1);
          const page = paginate(rows, limit, cursor, (last) => [last]);
          expect(page.items.length).toBeLessThanOrEqual(limit);
          seen.push(...page.items);
          if (page.next === undefined) break;
          [after] = cursor.decode(page.next);
        }
        expect(seen).toEqual(Array.from({ length: count }, (_, index) => index + 1));
      }),
    );
  });
});
