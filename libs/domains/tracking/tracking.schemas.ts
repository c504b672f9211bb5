import { MappingId, MappingSchema } from '@holdfast/domains/mapping/mapping.schemas';
import { parseInstant } from '@holdfast/kernel';
import { pageLimit } from '@holdfast/platform/http';
import { z } from 'zod';

/** 2200-01-01: beyond it, ClickHouse and safe integers end soon. */
const LATEST = 7_258_118_400_000_000;

/** An instant in a query: RFC 3339 with any offset, as microseconds. */
export const Instant = z.string().transform((text, context) => {
  const found = parseInstant(text);
  if (found === undefined)
    context.addIssue({ code: 'custom', message: 'must be an RFC 3339 date-time with an offset' });
  else if (found < 0 || found > LATEST)
    context.addIssue({ code: 'custom', message: 'must be from the year 1970 to 2199' });
  return found ?? 0;
});

const wholeSecond = (micros: number): boolean => micros % 1_000_000 === 0;

/** What `GET /v1/intake` takes. */
export const IntakeQuery = z
  .strictObject({
    source: z.string().min(1).max(200).optional(),
    from: Instant.refine(wholeSecond, 'must be a whole second'),
    to: Instant.refine(wholeSecond, 'must be a whole second'),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'must be after from' });

/** What `POST /v1/events` takes. */
export const ReceiveQuery = z.strictObject({
  mapping: MappingId.optional().describe('The mapping that the body is read by, in the content type of its format.'),
});

/** What `GET /v1/events` takes. */
export const TimelineQuery = z
  .strictObject({
    process: z.string().min(1).max(63),
    key: z.string().min(1).max(300),
    data: z
      .enum(['asSent', 'newest'])
      .default('asSent')
      .describe('`newest`: data of older versions of a contract as its newest version has them.'),
    order: z
      .enum(['occurred', 'corrected'])
      .default('occurred')
      .describe(
        'By `occurredAt` as it was sent; or by `correctedAt` and, among records of one source that have one, by `sequence`: the whole timeline on one page.',
      ),
    cursor: z.string().optional(),
    limit: pageLimit,
  })
  .refine(({ order, cursor }) => order === 'occurred' || cursor === undefined, {
    path: ['cursor'],
    error: 'a corrected timeline is one page',
  });

const Counts = z.object({
  received: z.int(),
  stored: z.int(),
  duplicate: z.int(),
  conflict: z.int(),
  quarantined: z.int(),
  rejected: z.int(),
  sampledOut: z.int(),
});
export const ReceiptAnswer = Counts.extend({
  skipped: z
    .int()
    .optional()
    .describe('Messages that say nothing, such as tombstones of Debezium; they are no records.'),
  problems: z.array(
    z.object({ line: z.int(), outcome: z.string(), code: z.string(), field: z.string(), reason: z.string() }),
  ),
});

export const AccountAnswer = Counts.extend({
  from: z.string(),
  to: z.string(),
  bySource: z.array(Counts.extend({ source: z.string(), process: z.string().nullable() })),
});
const LocalNote = z
  .enum(['gap', 'fold'])
  .describe(
    'The local time that was sent is one that its clocks skipped (gap: read by the offset before the change) or showed twice (fold: read as the first).',
  );
export const TimelineAnswer = z.object({
  id: z.string(),
  source: z.string(),
  attempt: z.int(),
  stage: z.string(),
  type: z.string(),
  outcome: z.enum(['stored', 'conflict']),
  occurredAt: z.string(),
  correctedAt: z
    .string()
    .optional()
    .describe("`occurredAt` without the skew of its source's clock, where one was measured."),
  originAt: z.string(),
  originFrom: z.enum(['event', 'key', 'own']),
  occurredText: z.string().optional().describe('The time as it was sent, where `occurredAt` is not the same text.'),
  occurredNote: LocalNote.optional(),
  originText: z.string().optional().describe('The time as it was sent, where `originAt` is not the same text.'),
  originNote: LocalNote.optional(),
  receivedAt: z.string(),
  correlationId: z.string().optional(),
  sequence: z.int().optional(),
  status: z.enum(['ok', 'failed', 'cancelled']),
  test: z.boolean().describe('Sent to try something out; it counts nowhere.'),
  manual: z.boolean().describe('Entered by a person.'),
  synthetic: z.boolean().describe('A probe of monitoring; it counts nowhere.'),
  attributes: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('What the sender said beside the data: attributes of a CloudEvent that no other field takes.'),
  contractVersion: z.int().optional().describe("The version of its type's contract that it was checked by."),
  breach: z.string().optional().describe('Where it breaks that contract, which only warns.'),
  categories: z
    .array(z.string())
    .optional()
    .describe('Regulatory categories of what is personal in it as it is stored.'),
  sensitivity: z
    .string()
    .optional()
    .describe('How much it tells of a person as it is stored, at most; left out for public.'),
  data: z.record(z.string(), z.unknown()),
});

/** What `POST /v1/mappings/preview` takes. */
export const PreviewRequest = z
  .strictObject({
    mapping: z.union([MappingId, MappingSchema]).describe('The id of a mapping, or one that is not stored.'),
    body: z.string().optional().describe('The body as text.'),
    bodyBase64: z.base64().optional().describe('Or its bytes, where they are not UTF-8.'),
    contentType: z
      .string()
      .max(100)
      .optional()
      .describe('Where the format has several, as for lines or an array of messages.'),
    limit: z.int().min(1).max(100).default(20),
  })
  .refine(({ body, bodyBase64 }) => (body === undefined) !== (bodyBase64 === undefined), {
    path: ['body'],
    error: 'body or bodyBase64 is needed, and not both',
  });

const Problem = z.object({ code: z.string(), field: z.string(), reason: z.string() });
export const PreviewAnswer = z.object({
  records: z.array(
    z.object({
      line: z.int(),
      event: z
        .record(z.string(), z.unknown())
        .optional()
        .describe('The event that the record becomes, number by number.'),
      rejection: Problem.optional().describe('Why it would not be stored.'),
      skipped: z.literal(true).optional().describe('It says nothing, as a tombstone.'),
    }),
  ),
  broken: z
    .object({ line: z.int(), code: z.string(), reason: z.string() })
    .optional()
    .describe('Where nothing more could be read.'),
});
