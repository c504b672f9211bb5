import { pageLimit } from '@holdfast/platform/http';
import type { Operation } from 'rfc6902';
import { z } from 'zod';
import { ITEM_STATES, type ItemFilter, readItemId, WAITING_STATES } from '../core/quarantine';

export const ItemId = z
  .string()
  .refine((text) => readItemId(text) !== undefined, 'must be the id of an item')
  .meta({ example: `${'0'.repeat(32)}-${'0'.repeat(16)}` });

/** Items that one request may change, and how much they may hold together, in bytes: an answer says where the rest begins. */
export const MOST_ITEMS = 1_000;
export const PAGE_BYTES = 10_000_000;

const name = (longest: number) => z.string().min(1).max(longest).optional();
const assigned = {
  assignee: name(100),
  unassigned: z.literal(true).optional().describe('Those that nobody is assigned to.'),
};
const filters = {
  owner: name(100),
  ...assigned,
  source: name(200),
  process: name(63),
  type: name(200),
  code: name(63),
  field: name(500),
};
const text = name(200).describe('Occurs in the record as it came, whatever the case.');
const state = z.enum([...ITEM_STATES, 'waiting']).optional();
const cursor = z.string().optional();

/** What `GET /v1/quarantine` takes. Text may be personal, and addresses stand in logs: it is searched for by POST. */
export const QueueQuery = z.strictObject({
  ...{ ...filters, state, cursor, limit: pageLimit },
  unassigned: z
    .literal('true')
    .transform((): true => true)
    .optional(),
});
export const SearchRequest = z.strictObject({ ...filters, state, text, cursor, limit: pageLimit });
/** What `GET /v1/quarantine/queues` takes. */
export const QueuesQuery = QueueQuery.pick({ assignee: true, unassigned: true });

const Filter: z.ZodType<ItemFilter> = z.strictObject({
  ...filters,
  text,
  state: z.enum(WAITING_STATES).optional(),
  items: z.array(ItemId).min(1).max(MOST_ITEMS).optional(),
});
const isNarrow = (filter: ItemFilter): boolean => Object.values(filter).some((value) => value !== undefined);

/** Which items a request is for. Nothing named would mean all of them: that must be said by a state. */
export const Selection = Filter.refine(isNarrow, 'must name items, or what they have in common');

/** Where a request goes on that could not do all at once: `next` of the answer before. */
const goesOn = { cursor: cursor.describe('`next` of the answer before: the same request for the records behind it.') };

const Pointer = z
  .string()
  .max(1_000)
  .regex(/^(?:\/(?:[^~/]|~[01])*)*$/, 'must be a JSON pointer (RFC 6901)');
const value = z.unknown();
const PatchOperation: z.ZodType<Operation> = z.discriminatedUnion('op', [
  z.strictObject({ op: z.enum(['add', 'replace', 'test']), path: Pointer, value }),
  z.strictObject({ op: z.literal('remove'), path: Pointer }),
  z.strictObject({ op: z.enum(['move', 'copy']), from: Pointer, path: Pointer }),
]);

/** A JSON Patch (RFC 6902) of the record as it was sent: `/data/amount`, `/process`. */
export const Patch = z.array(PatchOperation).min(1).max(100);

export const PatchRequest = z.strictObject({
  select: Selection,
  patch: Patch,
  versions: z
    .record(ItemId, z.int().min(0))
    .optional()
    .describe('By id, the versions that the patch was made on: it is refused when one of these records has changed.'),
  dryRun: z.boolean().default(false).describe('Says what would become of the records, and changes nothing.'),
  ...goesOn,
});
export const ReplayRequest = z.strictObject({ select: Selection });
export const DiscardRequest = z.strictObject({
  select: Selection,
  reason: z.string().trim().min(1).max(2_000),
  ...goesOn,
});
export const AssignRequest = z.strictObject({ select: Selection, assignee: z.string().max(100), ...goesOn });

const maybe = z.string().nullable();
const next = z.string().optional().describe('The cursor of the next request, when there is more than one may change.');
export const ItemAnswer = z.object({
  item: z.string(),
  state: z.enum(ITEM_STATES),
  code: z.string(),
  field: z.string(),
  source: maybe,
  process: maybe,
  type: maybe,
  key: maybe,
  owner: maybe,
  assignee: maybe,
  receivedAt: z.string(),
  ageSeconds: z.int(),
  became: maybe,
  version: z.int().describe('How often it was patched; a patch may name it.'),
});
const Problem = z.object({ code: z.string(), field: z.string(), reason: z.string() });
export const ItemDetails = ItemAnswer.extend({
  preview: z.unknown().describe('The record as it is now: its form, without what may be personal.'),
  problem: Problem.nullable().describe('What stands against it now; null when it can be replayed.'),
  steps: z.array(
    z.object({
      at: z.string(),
      step: z.string(),
      by: z.string(),
      assignee: maybe,
      outcome: maybe,
      problem: z.object({ code: z.string(), field: z.string() }).nullable(),
      reason: maybe,
      replay: maybe,
    }),
  ),
});
export const PatchedAnswer = z.object({
  dryRun: z.boolean(),
  mended: z.int().describe('Records that hold to everything after the patch: they can be replayed.'),
  stillBad: z.int().describe('Records that the patch leaves bad: they are not changed.'),
  inapplicable: z.int().describe('Records that the patch does not fit: they are not changed.'),
  gone: z.int().describe('Records that were named and do not wait: they have left quarantine, or never were there.'),
  problems: z.array(Problem.extend({ item: z.string() })).describe('The first 100.'),
  next,
});
export const CountAnswer = z.object({ items: z.int(), next });
export const ReplayAnswer = z.object({
  id: z.string(),
  state: z.enum(['running', 'done', 'stopped']),
  askedBy: z.string(),
  askedAt: z.string(),
  released: z.int().describe('Records that it let out.'),
  stillBad: z.int().describe('Records that stay: they still break something.'),
  gone: z.int().describe('Records that had left in another way.'),
});
export const QueuesAnswer = z.object({
  queues: z.array(
    z.object({ owner: maybe, code: z.string(), items: z.int(), oldest: z.string(), oldestAgeSeconds: z.int() }),
  ),
});
