import { z } from 'zod';
import type { HeartbeatDefinition } from './core/heartbeat';
import { changed, HeartbeatId, told } from './synthetic.schemas';

/** What `PUT /v1/heartbeats/{id}` takes. */
export const HeartbeatSchema = z.strictObject({
  description: z.string().max(2_000).optional(),
  everySeconds: z
    .int()
    .min(10)
    .max(31 * 86_400)
    .describe('How often it is to beat.'),
  graceSeconds: z
    .int()
    .min(0)
    .max(7 * 86_400)
    .default(60)
    .describe('How much later a beat may be.'),
  ...told,
}) satisfies z.ZodType<HeartbeatDefinition>;

const time = z.iso.datetime();
export const HeartbeatAnswer = z.object({ id: HeartbeatId, ...HeartbeatSchema.shape, ...changed });
export const BeatAnswer = z.object({ id: HeartbeatId, receivedAt: time });
export const HeartbeatStatusAnswer = z.object({
  id: HeartbeatId,
  state: z.enum(['beating', 'silent', 'disabled']),
  beats: z.int(),
  lastBeatAt: time.nullable(),
  silentSince: time.nullable(),
  alert: z.string().nullable().describe('Id of the open alert.'),
});
