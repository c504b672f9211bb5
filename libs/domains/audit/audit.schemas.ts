import { parseInstant, type Micros } from '@holdfast/kernel';
import { pageLimit } from '@holdfast/platform/http';
import { z } from 'zod';
import { ACTOR_KINDS, KINDS, OUTCOMES, type Entry } from './core/entry';

const text = z.string();
const instant = z
  .string()
  .max(40)
  .refine((said) => parseInstant(said) !== undefined, 'must be an RFC 3339 date-time')
  .meta({ format: 'date-time' })
  .transform((said): Micros => parseInstant(said)!);

export const Sequence = z.coerce.number().pipe(z.int().min(0));

export const EntriesQuery = z
  .strictObject({
    from: instant.optional(),
    to: instant.optional(),
    kind: z.enum(KINDS).optional(),
    action: text.max(300).optional(),
    actor: text.max(300).optional(),
    subjectKind: text.max(100).optional(),
    subject: text.max(500).optional(),
    outcome: z.enum(OUTCOMES).optional(),
    cursor: text.optional(),
    limit: pageLimit,
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    error: 'must be after from',
  });

const EntrySchema = z.object({
  id: text,
  at: text,
  kind: z.enum(KINDS),
  action: text,
  actor: text,
  actorKind: z.enum(ACTOR_KINDS),
  subject: z.object({ kind: text, id: text }),
  outcome: z.enum(OUTCOMES),
  code: text,
  reason: text,
  request: text,
  digest: text,
  intent: text,
  count: z.int(),
}) satisfies z.ZodType<Entry>;

export const EntryAnswer = EntrySchema.extend({ sequence: z.int() });
export const EntryWithText = z.object({
  sequence: z.int(),
  entry: EntrySchema.nullable().describe('null where it was erased'),
  salt: text.nullable().describe('32 bytes in hexadecimal digits'),
  text: text.nullable().describe('Canonical JSON (RFC 8785): the leaf is SHA-256(0x00 || SHA-256(salt || text)).'),
  erasedBy: z.int().nullable().describe('Sequence of the entry that says that it was erased.'),
});

const hashes = z.array(text).describe('SHA-256 hashes in base 64, as RFC 6962 orders them.');
const checkpoint = text.describe('Signed note (C2SP tlog-checkpoint).');
export const ProofQuery = z.strictObject({ size: Sequence.optional() });
export const InclusionAnswer = z.object({ index: z.int(), size: z.int(), proof: hashes, checkpoint });
export const ConsistencyQuery = z.strictObject({ from: Sequence, to: Sequence.optional() });
export const ConsistencyAnswer = z.object({ first: z.int(), second: z.int(), proof: hashes, checkpoint });

export const LogAnswer = z.object({
  origin: text,
  size: z.int(),
  keys: z.array(text).describe('Keys that checkpoints are signed with, `<name>+<id>+<key>`.'),
  witnesses: z.array(text).describe('Keys of the witnesses whose co-signatures are taken.'),
  witnessed: z.array(
    z.object({ witness: text, key: text, size: z.int(), time: z.int().describe('Seconds since 1970.'), note: text }),
  ),
});
export type LogState = z.output<typeof LogAnswer>;

export const CosignatureBody = z.strictObject({ note: text.max(20_000) });
export const CosignatureAnswer = z.object({ witnesses: z.array(text) });

/** Rows of one answer. */
export const MOST_ROWS = 20_000;
export const RowsQuery = z
  .strictObject({ from: Sequence, to: Sequence })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'must be above from' });
