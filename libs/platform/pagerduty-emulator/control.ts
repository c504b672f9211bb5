import { z } from 'zod';
import { faultSchema } from './faults';
import type { PagerDutyEmulator } from './handle';
import type { Answer } from './http';

const actSchema = z.strictObject({
  dedup_key: z.string(),
  routing_key: z.string().optional(),
  agent: z.strictObject({ id: z.string(), type: z.string(), summary: z.string() }).optional(),
});
const webhookSchema = z.strictObject({ url: z.url(), secret: z.string().min(1) }).nullable();

const done = (body: object = {}): Answer => ({ status: 200, body });
const refused = (error: z.ZodError): Answer => ({ status: 400, body: { errors: error.issues } });

/**
 * The emulator's own interface, for a test in another process:
 * GET state, POST acknowledge | resolve {dedup_key, routing_key?, agent?}, POST faults {a fault}, DELETE faults,
 * PUT webhook {url, secret} | null, POST idle (answers when nothing is left to process or deliver).
 */
export async function serveControl(
  emulator: PagerDutyEmulator,
  method: string,
  path: string,
  body: unknown,
): Promise<Answer> {
  switch (`${method} ${path}`) {
    case 'GET /emulator/state':
      return done({
        incidents: emulator.incidents(),
        notifications: emulator.notifications(),
        changes: emulator.changes(),
        notes: emulator.notes(),
        calls: emulator.calls(),
        deliveries: emulator.deliveries(),
        faults: emulator.faults(),
      });
    case 'POST /emulator/acknowledge':
    case 'POST /emulator/resolve':
      return act(emulator, path === '/emulator/resolve' ? 'resolve' : 'acknowledge', body);
    case 'POST /emulator/faults': {
      const fault = faultSchema.safeParse(body);
      if (!fault.success) return refused(fault.error);
      emulator.inject(fault.data);
      return done();
    }
    case 'DELETE /emulator/faults':
      emulator.clearFaults();
      return done();
    case 'PUT /emulator/webhook': {
      const webhook = webhookSchema.safeParse(body);
      if (!webhook.success) return refused(webhook.error);
      emulator.setWebhook(webhook.data ?? undefined);
      return done();
    }
    case 'POST /emulator/idle':
      await emulator.idle();
      return done();
    default:
      return { status: 404, body: { message: 'no such resource' } };
  }
}

function act(emulator: PagerDutyEmulator, action: 'acknowledge' | 'resolve', body: unknown): Answer {
  const request = actSchema.safeParse(body);
  if (!request.success) return refused(request.error);
  const { dedup_key, routing_key, agent } = request.data;
  const incident = emulator[action](dedup_key, routing_key, agent);
  return incident ? done(incident) : { status: 404, body: { message: 'no open incident with this dedup key' } };
}
