import { pageLimit } from '@holdfast/platform/http';
import type { Operation } from 'rfc6902';
import { z } from 'zod';
import { ITEM_STATES, type ItemFilter, readItemId } from '../core/quarantine';

export const ItemId = z
  .string()
  .refine((text) => readItemId(text) !== undefined, 'must be the id of an item')
  .meta({ example: `${'0'.repeat(32)}-${'0'.repeat(16)}` });

/** Items that one request may change. */
export const MOST_ITEMS = 1_000;

const name = (longest: number) => z.string().min(1).max(longest).optional();
const filters = {
  state: z.enum([...ITEM_STATES, 'waiting']).optional(),
  owner: name(100),
  assignee: name(100),
  source: name(200),
  process: name(63),
  type: name(200),
  code: name(63),
  field: name(500),
  text: name(200).describe('Occurs in the record as it came, whatever the case.'),
};

/** What `GET /v1/quarantine` takes. */
export const QueueQuery = z.strictObject({ ...filters, cursor: z.string().optional(), limit: pageLimit });

const Filter: z.ZodType<ItemFilter> = z.strictObject({
  ...filters,
  items: z.array(ItemId).min(1).max(MOST_ITEMS).optional(),
});
const isNarrow = (filter: ItemFilter): boolean => Object.values(filter).some((value) => value !== undefined);

/** Which items a request is for. Nothing named would mean all of them: that must be said by a state. */
export const Selection = Filter.refine(isNarrow, 'must name items, or what they have in common');

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
  dryRun: z.boolean().default(false).describe('Says what would become of the records, and changes nothing.'),
});
export const ReplayRequest = z.strictObject({ select: Selection });
export const DiscardRequest = z.strictObject({ select: Selection, reason: z.string().trim().min(1).max(2_000) });
export const AssignRequest = z.strictObject({ select: Selection, assignee: z.string().max(100) });

const maybe = z.string().nullable();
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
  problems: z.array(Problem.extend({ item: z.string() })),
});
export const CountAnswer = z.object({ items: z.int() });
export const ReplayAnswer = z.object({
  id: z.string(),
  state: z.enum(['running', 'done', 'stopped']),
  askedBy: z.string(),
  askedAt: z.string(),
  released: z.int(),
  stillBad: z.int(),
  gone: z.int(),
});
export const QueuesAnswer = z.object({
  queues: z.array(
    z.object({ owner: maybe, code: z.string(), items: z.int(), oldest: z.string(), oldestAgeSeconds: z.int() }),
  ),
});
