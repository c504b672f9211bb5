import { ProcessId } from '@holdfast/domains/catalog/catalog.schemas';
import { pageLimit } from '@holdfast/platform/http';
import { z } from 'zod';
import { BACKFILL_STATES } from '../core/backfill';
import { WholeMinute } from '../reconciliation.schemas';

/** What `POST /v1/backfills` takes. Windows that begin in [from, to) are opened, as the process cuts time. */
export const BackfillSchema = z
  .strictObject({
    process: ProcessId,
    from: WholeMinute,
    to: WholeMinute,
    atOnce: z.int().min(1).max(50).default(4).describe('Windows that may be judged at a time.'),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'must be after from' })
  .refine(({ from, to }) => to - from <= 10 * 366 * 86_400_000_000, {
    path: ['to'],
    error: 'must be at most ten years after from',
  });

export const ListQuery = z.strictObject({
  process: ProcessId.optional(),
  cursor: z.string().optional(),
  limit: pageLimit,
});

const Time = z.string();
export const BackfillAnswer = z.object({
  id: z.string(),
  process: z.string(),
  from: Time,
  to: Time,
  atOnce: z.int(),
  askedBy: z.string(),
  askedAt: Time,
  state: z.enum(BACKFILL_STATES),
  updatedAt: Time,
  opened: z.int(),
  judged: z.int(),
  withGaps: z.int(),
  passed: z.int().describe('Had been opened before, or share time with a window that was.'),
});
