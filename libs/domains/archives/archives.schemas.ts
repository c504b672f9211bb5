import { pageLimit } from '@holdfast/platform/http';
import { formatInstant, parseInstant, type Micros } from '@holdfast/kernel';
import { z } from 'zod';
import { ARCHIVE_STATES, DESTRUCTION_STATES } from './core/archive';

const instantText = 'must be an RFC 3339 date-time such as 2026-03-29T10:00:00Z';
const Instant = z
  .string()
  .refine((text) => parseInstant(text) !== undefined, instantText)
  .transform((text): Micros => parseInstant(text)!);
const Class = z.enum(['standard', 'test', 'quarantine', 'short', 'financial', 'audit']);
const Period = z.string().regex(/^20\d\d(0[1-9]|1[0-2])$/, 'must be a month such as 202601');
const Id = z.string().regex(/^[\w-]{1,120}$/, 'must be 1 to 120 of A-Z, a-z, 0-9, _ and -');
export const ArchiveId = Id;
export const RestoreId = Id;
export const KeyId = Id;
const Name = z.string().min(1).max(300);

/** What `POST /v1/archives` takes. */
export const ArchiveSchema = z.strictObject({
  class: Class.describe('The retention class of the records.'),
  period: Period.describe('The month in which they were received; it must be over.'),
  retainUntil: Instant.optional().describe(
    'The store keeps the archive until then, where it can, against everybody. It can be moved further away, never closer.',
  ),
});

export const ArchivesQuery = z.strictObject({
  class: Class.optional(),
  period: Period.optional(),
  cursor: z.string().optional(),
  limit: pageLimit,
});
export const KeysQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });
export const DrillsQuery = z.strictObject({ archive: Id.optional(), limit: pageLimit });

/** What `POST /v1/archives/{id}/query` takes. */
export const QuerySchema = z
  .strictObject({
    process: Name.optional(),
    key: Name.optional(),
    stage: Name.optional(),
    from: Instant.optional().describe('Origin from then on.'),
    to: Instant.optional().describe('Origin before then.'),
    limit: z.int().min(1).max(10_000).default(100),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    error: 'must be after from',
  });

const DAY: Micros = 86_400_000_000;
/** What `POST /v1/archives/{id}/restores` takes. */
export const RestoreSchema = z.strictObject({
  days: z.int().min(1).max(365).default(7).describe('How long the records stay.'),
});
export const expiryOf = (days: number, at: Micros): Micros => at + days * DAY;

export const RecordsQuery = z.strictObject({
  process: Name.optional(),
  key: Name.optional(),
  cursor: z.string().optional(),
  limit: pageLimit,
});

/** What `POST /v1/archive-keys/rotate` takes. */
export const RotateSchema = z.strictObject({
  newKey: z.boolean().default(true).describe('Whether the ring gets a new key first; else its newest one wraps.'),
});
export const DestroySchema = z.strictObject({ reason: z.string().trim().min(1).max(2_000) });

const Time = z.string();
const Sum = z.string().describe('A sum of 64 bits, which wraps, in decimal digits.');
const Fault = z.string().nullable().describe('What is wrong with it; null when nothing is known to be.');
export const ArchiveAnswer = z.object({
  id: Id,
  class: z.string(),
  period: z.string(),
  state: z.enum(ARCHIVE_STATES),
  fault: Fault,
  policy: z.string().nullable(),
  policyVersion: z.int().nullable(),
  keyId: z.string(),
  objects: z.int(),
  rows: z.int(),
  hash: Sum,
  manifestSha256: z.string().nullable(),
  retainUntil: Time.nullable(),
  requestedBy: z.string(),
  requestedAt: Time,
  changedAt: Time,
});
const Bound = z.tuple([z.string(), z.string()]);
export const ArchiveWithObjectsAnswer = ArchiveAnswer.extend({
  written: z.array(
    z.object({
      number: z.int(),
      object: z.string(),
      rows: z.int(),
      hash: Sum,
      plainBytes: z.int(),
      sealedBytes: z.int(),
      sealedSha256: z.string(),
      process: Bound,
      key: Bound,
      originAt: Bound,
    }),
  ),
});
export const IdAnswer = z.object({ id: Id });
export const StartedAnswer = z.object({ started: z.literal(true) });
const Record = z.object({
  process: z.string(),
  key: z.string(),
  stage: z.string(),
  source: z.string(),
  id: z.string(),
  attempt: z.int(),
  type: z.string(),
  outcome: z.string(),
  occurredAt: Time,
  originAt: Time,
  receivedAt: Time,
  correlationId: z.string().nullable(),
  data: z.unknown().describe('As the privacy policy of today has people see it; null where it is gone, or no JSON.'),
  erased: z.boolean().describe('What was personal in it is gone: the key of its subject was destroyed.'),
});
export const RecordAnswer = Record;
export const QueryAnswer = z.object({
  items: z.array(Record),
  more: z.boolean().describe('Whether there are more than were asked for.'),
  objectsRead: z.int(),
  objectsSkipped: z.int().describe('Whose bounds in the manifest say that they have nothing of it.'),
});
export const RestoreAnswer = z.object({
  id: Id,
  archive: Id,
  state: z.enum(['restoring', 'restored', 'expired', 'failed']),
  fault: Fault,
  rows: z.int(),
  erased: z.int().describe('Rows of which something was erased.'),
  requestedBy: z.string(),
  requestedAt: Time,
  expiresAt: Time,
});
export const DrillAnswer = z.object({
  archive: Id,
  at: Time,
  state: z.enum(['passed', 'failed']),
  fault: Fault,
  rows: z.int(),
  bytes: z.int(),
  tookMs: z.int().describe('From the first byte asked for until the records were there and compared.'),
});
export const KeyAnswer = z.object({
  id: Id,
  class: z.string(),
  period: z.string(),
  fingerprint: z.string(),
  wrappedBy: z.string().nullable(),
  destroyed: z.boolean(),
});
export const DestructionAnswer = z.object({
  key: Id,
  state: z.enum(DESTRUCTION_STATES),
  reason: z.string(),
  requestedBy: z.string(),
  requestedAt: Time,
  approveBy: Time,
  answeredBy: z.string().nullable(),
});
export const orNull = (text: string): string | null => (text === '' ? null : text);
export const timeOrNull = (at: Micros): string | null => (at === 0 ? null : formatInstant(at));
