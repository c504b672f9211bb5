import { invalid } from '@holdfast/kernel';
import { z } from 'zod';

/** The page size of lists: `limit` of a query. */
export const pageLimit = z.coerce.number().int().min(1).max(1000).default(100);

/** What every list answers: its items, and where to go on, unless this is the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    next: z.string().optional().describe('Cursor of the next page; absent on the last.'),
  });

const LONGEST = 4096;

/** A place in a list that callers pass back without looking into it: base64url of a JSON tuple. */
export interface Cursor<T extends readonly unknown[]> {
  encode(place: T): string;
  /** @throws DomainError `invalid` with code `invalid_cursor` when it is not one that `encode` made */
  decode(text: string): T;
}

/** @param name of the list: a cursor of another list is refused */
export function cursorOf<T extends readonly unknown[]>(name: string, tuple: z.ZodType<T>): Cursor<T> {
  const whole = z.tuple([z.literal(name), tuple]);
  const encode = (place: T): string => Buffer.from(JSON.stringify([name, place])).toString('base64url');
  return {
    encode,
    decode(text) {
      try {
        if (text.length > LONGEST) throw invalidCursor();
        const place = whole.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))[1];
        if (encode(place) !== text) throw invalidCursor(); // base64url that reads the same is still not ours
        return place;
      } catch {
        throw invalidCursor();
      }
    },
  };
}

const invalidCursor = () =>
  invalid('invalid_cursor', 'the cursor is not one that this list gave', [
    { field: 'cursor', reason: 'must be the `next` of an earlier page of this list' },
  ]);

/**
 * Makes a page of rows of which one more than `limit` was asked for.
 * @param placeOf where the list goes on after an item
 */
export function paginate<R, T extends readonly unknown[]>(
  rows: readonly R[],
  limit: number,
  cursor: Cursor<T>,
  placeOf: (last: R) => T,
): Page<R> {
  if (rows.length <= limit) return { items: rows };
  const items = rows.slice(0, limit);
  return { items, next: cursor.encode(placeOf(items[limit - 1]!)) };
}
