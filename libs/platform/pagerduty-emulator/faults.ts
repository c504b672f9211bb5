import { z } from 'zod';

/** The interfaces that faults are injected into, each by itself: a page's fault is not used up by a look at an incident. */
export const APIS = ['events', 'changes', 'rest'] as const;
export type Api = (typeof APIS)[number];

const times = { times: z.int().min(1).optional() };
/** Of a request: which interface it is made to, that of alert events by default. */
const request = { ...times, of: z.enum(APIS).optional() };

/**
 * What goes wrong next, `times` times (once by default), in the order of injection.
 * - `status`: this HTTP status instead of the event's fate; the event is not taken
 * - `slow`: the event is taken at once, the answer comes after `delayMs`
 * - `drop_before_processing`: the connection breaks, the event is not taken
 * - `drop_after_processing`: the event is taken and processed, then the connection breaks without an answer
 * - `duplicate_webhook`: one delivery is made twice, with the same id
 * - `reorder_webhooks`: one delivery waits until the next has been made, `holdMs` at most (1,000 by default)
 */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    /** Value of a Retry-After header. */
    retryAfter: z
      .string()
      .regex(/^[\x20-\x7e]*$/)
      .optional(),
    ...request,
  }),
  z.strictObject({ kind: z.literal('slow'), delayMs: z.int().min(0).max(600_000), ...request }),
  z.strictObject({ kind: z.literal('drop_before_processing'), ...request }),
  z.strictObject({ kind: z.literal('drop_after_processing'), ...request }),
  z.strictObject({ kind: z.literal('duplicate_webhook'), ...times }),
  z.strictObject({ kind: z.literal('reorder_webhooks'), holdMs: z.int().min(0).max(600_000).optional(), ...times }),
]);

export type Fault = z.input<typeof faultSchema>;
type WebhookFaultKind = 'duplicate_webhook' | 'reorder_webhooks';
type RequestFault = Exclude<Fault, { kind: WebhookFaultKind }>;

/** The faults still to come. */
export class FaultPlan {
  private pending: { readonly fault: Fault; left: number }[] = [];

  inject(fault: Fault): void {
    this.pending.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.pending = [];
  }

  list(): readonly Fault[] {
    return this.pending.map(({ fault, left }) => ({ ...fault, times: left }));
  }

  /** The next fault of a request to this interface; it is used up by this. */
  takeRequestFault(api: Api): RequestFault | undefined {
    return this.take(
      (fault): fault is RequestFault =>
        fault.kind !== 'duplicate_webhook' && fault.kind !== 'reorder_webhooks' && (fault.of ?? 'events') === api,
    );
  }

  takeWebhookFault<K extends WebhookFaultKind>(kind: K): Extract<Fault, { kind: K }> | undefined {
    return this.take((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind);
  }

  private take<F extends Fault>(matches: (fault: Fault) => fault is F): F | undefined {
    for (const entry of this.pending) {
      if (!matches(entry.fault)) continue;
      entry.left -= 1;
      if (entry.left === 0) this.pending = this.pending.filter((other) => other !== entry);
      return entry.fault;
    }
    return undefined;
  }
}
