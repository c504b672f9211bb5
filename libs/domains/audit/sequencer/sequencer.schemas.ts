import { z } from 'zod';
import { ACTOR_KINDS, KINDS, OUTCOMES, type NewEntry } from '../core/entry';
import type { Submission } from './sequencer';

/** What a text of an entry may hold. */
const textOf = (most: number) =>
  z
    .string()
    .max(most)
    .refine((text) => text.isWellFormed(), 'must be well formed');
const named = textOf(300).min(1);

export const NewEntrySchema = z.strictObject({
  id: z.string().regex(/^[\w./:-]{1,200}$/, 'must be 1 to 200 letters, digits or `_./:-`'),
  kind: z.enum(KINDS),
  action: named,
  actor: named,
  actorKind: z.enum(ACTOR_KINDS),
  subject: z.strictObject({ kind: textOf(100).min(1), id: textOf(500) }),
  outcome: z.enum(OUTCOMES),
  code: textOf(100).optional(),
  reason: textOf(300).optional(),
  request: textOf(200).optional(),
  digest: z
    .string()
    .regex(/^([0-9a-f]{64})?$/, 'must be 64 hexadecimal digits')
    .optional(),
  intent: textOf(200).optional(),
  count: z.int().min(1).optional(),
}) as z.ZodType<NewEntry>;

/** What API and worker send to the program that owns the log. */
export const AppendBody = z.strictObject({
  entries: z
    .array(z.strictObject({ entry: NewEntrySchema, mayBeOld: z.boolean() }) as z.ZodType<Submission>)
    .min(1)
    .max(2_000),
});
export const RedactBody = z.strictObject({
  sequence: z.int().min(0),
  actor: named,
  actorKind: z.enum(ACTOR_KINDS),
  reason: textOf(300),
  request: textOf(200),
});
export const CosignatureBody = z.strictObject({ note: z.string().max(20_000) });

const size = z.coerce.number().pipe(z.int().min(0));
export const InclusionQuery = z.strictObject({ index: size, size: size.optional() });
export const ConsistencyQuery = z.strictObject({ first: size, second: size.optional() });
