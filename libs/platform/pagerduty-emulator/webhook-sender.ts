import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultPlan } from './faults';
import type { Change } from './incident-book';
import { SITE } from './rest';
import { OrderedQueue } from './ordered-queue';

export interface WebhookOptions {
  readonly url: string;
  /** Several while a secret is being replaced: the header then carries a signature by each. */
  readonly secret: string | readonly string[];
  /** Time for an answer. Default 5,000 ms, as documented. */
  readonly timeoutMs?: number;
  /** Default 5, as documented. */
  readonly maxAttempts?: number;
  /** Wait before the first retry; it doubles. Default 500 ms: PagerDuty takes about 20 minutes over all retries, no test can. */
  readonly backoffMs?: number;
}

/** One delivery and how it went. */
export interface WebhookDelivery {
  /** X-Webhook-Id. */
  readonly webhookId: string;
  readonly eventType: string;
  readonly incidentKey: string;
  /** HTTP status of each attempt; 0 for none. */
  readonly attempts: number[];
  outcome: 'pending' | 'delivered' | 'dropped';
}

interface Outgoing {
  readonly record: WebhookDelivery;
  readonly incidentId: string;
  readonly body: string;
  readonly to: WebhookOptions;
}

const DEFAULT_HOLD_MS = 1000;

/** Delivers webhooks v3: in order within an incident, at least once, retried on 5xx, 429, timeouts and network errors. */
export class WebhookSender {
  private readonly queue = new OrderedQueue();
  private readonly made: WebhookDelivery[] = [];
  private held: { readonly outgoing: Outgoing; readonly released: AbortController } | undefined;
  private to: WebhookOptions | undefined;

  constructor(
    to: WebhookOptions | undefined,
    private readonly faults: FaultPlan,
  ) {
    this.to = to;
  }

  /** Where deliveries go from now on; undefined for nowhere. */
  setWebhook(to: WebhookOptions | undefined): void {
    this.to = to;
  }

  deliveries(): readonly WebhookDelivery[] {
    return structuredClone(this.made);
  }

  send(change: Change): void {
    if (!this.to) return;
    const outgoing = this.outgoing(change, this.to);
    const reorder = this.held ? undefined : this.faults.takeWebhookFault('reorder_webhooks');
    if (reorder) {
      this.hold(outgoing, reorder.holdMs ?? DEFAULT_HOLD_MS);
      return;
    }
    const done = this.enqueue(outgoing);
    const { held } = this;
    if (!held) return;
    this.held = undefined;
    void this.queue.push(held.outgoing.incidentId, 0, async () => {
      await done;
      await this.deliver(held.outgoing);
    });
    held.released.abort();
  }

  async idle(): Promise<void> {
    await this.queue.idle();
  }

  async stop(): Promise<void> {
    await this.queue.stop();
  }

  private outgoing(change: Change, to: WebhookOptions): Outgoing {
    const record: WebhookDelivery = {
      webhookId: randomUUID(),
      eventType: change.type,
      incidentKey: change.incident.dedupKey,
      attempts: [],
      outcome: 'pending',
    };
    this.made.push(record);
    return { record, incidentId: change.incident.id, body: JSON.stringify(envelope(change)), to };
  }

  private enqueue(outgoing: Outgoing): Promise<void> {
    const twice = this.faults.takeWebhookFault('duplicate_webhook') !== undefined;
    return this.queue.push(outgoing.incidentId, 0, async () => {
      await this.deliver(outgoing);
      if (twice) await this.deliver(outgoing);
    });
  }

  /** Keeps the delivery back until the next one releases it or the time is over. */
  private hold(outgoing: Outgoing, holdMs: number): void {
    const released = new AbortController();
    this.held = { outgoing, released };
    void this.queue.push('held', 0, async () => {
      const overtaken = await delay(holdMs, false, {
        signal: AbortSignal.any([released.signal, this.queue.signal]),
      }).catch(() => true);
      if (overtaken || this.held?.outgoing !== outgoing) return;
      this.held = undefined;
      await this.deliver(outgoing);
    });
  }

  private async deliver({ record, body, to }: Outgoing): Promise<void> {
    const maxAttempts = to.maxAttempts ?? 5;
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      if (attempt > 1) {
        await delay((to.backoffMs ?? 500) * 2 ** (attempt - 2), undefined, { signal: this.queue.signal });
      }
      const status = await this.post(record.webhookId, body, to);
      this.queue.signal.throwIfAborted();
      record.attempts.push(status);
      if (status >= 200 && status < 300) {
        record.outcome = 'delivered';
        return;
      }
      // Documented as final: the receiver will not like it better later.
      if (status >= 400 && status < 500 && status !== 429) break;
    }
    record.outcome = 'dropped';
  }

  /** The status of the answer, 0 when there was none. */
  private async post(webhookId: string, body: string, to: WebhookOptions): Promise<number> {
    const secrets = typeof to.secret === 'string' ? [to.secret] : to.secret;
    const signatures = secrets.map((secret) => `v1=${createHmac('sha256', secret).update(body).digest('hex')}`);
    try {
      const response = await fetch(to.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'PagerDuty-Webhook/V3.0',
          'x-pagerduty-signature': signatures.join(','),
          'x-webhook-id': webhookId,
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([this.queue.signal, AbortSignal.timeout(to.timeoutMs ?? 5000)]),
      });
      await response.body?.cancel();
      return response.status;
    } catch {
      return 0;
    }
  }
}

function reference(collection: string, { id, type, summary }: { id: string; type: string; summary: string }) {
  return { html_url: `${SITE}/${collection}/${id}`, id, self: `${SITE}/api/${collection}/${id}`, summary, type };
}

/** The documented envelope of one event. */
function envelope({ type, at, agent, client, incident }: Change): object {
  return {
    event: {
      id: randomUUID(),
      event_type: type,
      resource_type: 'incident',
      occurred_at: at,
      agent: reference(agent.type === 'user_reference' ? 'users' : 'integrations', agent),
      client,
      data: {
        id: incident.id,
        type: 'incident',
        self: `${SITE}/api/incidents/${incident.id}`,
        html_url: `${SITE}/incidents/${incident.id}`,
        number: incident.number,
        status: incident.status,
        incident_key: incident.dedupKey,
        created_at: incident.createdAt,
        title: incident.title,
        service: reference('services', {
          id: incident.serviceId,
          type: 'service_reference',
          summary: `Service ${incident.serviceId}`,
        }),
        assignees: [],
        escalation_policy: null,
        teams: [],
        priority: null,
        urgency: 'high',
        conference_bridge: null,
        resolve_reason: null,
      },
    },
  };
}
