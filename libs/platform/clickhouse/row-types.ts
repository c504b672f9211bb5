import { z } from 'zod';

/** An instant that the query wrote with toUnixTimestamp64Micro: microseconds since 1970. */
export const micros = z.coerce.number().pipe(z.int());
/** A 64-bit integer beyond the safe range of numbers, as decimal text. */
export const uint64 = z.string().regex(/^-?\d{1,20}$/);
