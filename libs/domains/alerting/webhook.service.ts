import { Inject, Injectable, Logger } from '@nestjs/common';
import { DomainError, microsOf, type Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { parseWebhook, verifyWebhookSignature, type WebhookEvent } from '@holdfast/platform/pagerduty';
import { temporalUnavailable } from '@holdfast/platform/temporal';
import { acknowledge, workflowIdOf } from '@holdfast/workflows/alerting/escalate-alert/contract';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { AlertingStore } from './alerting.store';
import { alertIdOf } from './core/alert';
import { WebhookDeliveryStore } from './webhook-delivery.store';

/** How long Temporal has to take the signal, in ms: PagerDuty waits 5 s for an answer. */
const SIGNAL_MS = 4_000;

/** Hears what responders do in PagerDuty. */
@Injectable()
export class WebhookService {
  private readonly log = new Logger('Webhooks');
  private readonly secrets: readonly string[];

  constructor(
    @Inject(AlertingStore) private readonly store: AlertingStore,
    private readonly deliveries: WebhookDeliveryStore,
    @Inject(Client) private readonly temporal: Client,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.secrets = configuration.HOLDFAST_PAGERDUTY_WEBHOOK_SECRETS;
  }

  /** @throws DomainError `unavailable` while no secret is configured: anybody could acknowledge */
  mustBeConfigured(): void {
    if (this.secrets.length === 0)
      throw new DomainError('unavailable', 'webhooks_not_configured', 'no webhook secret is configured here', {
        retryAfterSeconds: 60,
      });
  }

  /**
   * Takes one delivery; returns only when nothing of it can get lost. A repeated one does nothing again: its event is remembered, and where a crash came before
   * that, the workflow ignores a second acknowledgement.
   * @throws DomainError `forbidden` when no secret of ours signed it; `unavailable` when PagerDuty should send it again
   */
  async take(body: Buffer, signature: string | undefined, receivedAt: Micros): Promise<void> {
    this.mustBeConfigured();
    if (!verifyWebhookSignature(body, signature, this.secrets))
      throw new DomainError('forbidden', 'webhook_signature_invalid', 'no secret of this installation signed the body');
    const event = parseWebhook(body);
    if (event === 'unsupported' || !ANSWERS.has(event.eventType)) return;
    if (await this.deliveries.isDelivered(event.id)) return;
    const alertId = alertIdOf(event.incidentKey);
    const ignoredBecause = await this.acknowledge(alertId, event);
    if (ignoredBecause !== undefined) this.log.warn(`ignored ${event.eventType}: ${ignoredBecause}`);
    await this.deliveries.writeDelivery({
      eventId: event.id,
      eventType: event.eventType,
      dedupKey: event.incidentKey,
      alertId: alertId ?? '',
      outcome: ignoredBecause === undefined ? 'accepted' : 'ignored',
      code: ignoredBecause ?? '',
      occurredAt: microsOf(event.occurredAt),
      receivedAt,
    });
  }

  /** @returns why it does not matter, or undefined when the workflow has it */
  private async acknowledge(alertId: string | undefined, event: WebhookEvent): Promise<string | undefined> {
    if (alertId === undefined) return 'foreign_key';
    // PagerDuty resolves by itself after a while, integrations do, and we do: nobody has seen anything then.
    if (!event.agent?.type.startsWith('user')) return 'not_a_person';
    const alert = await this.store.alert(alertId);
    if (!alert) return 'unknown_alert';
    // Of one that is acknowledged or snoozed the escalation decides: it knows what came first.
    if (alert.state === 'resolved') return 'already_resolved';
    const handle = this.temporal.workflow.getHandle(workflowIdOf(alertId));
    try {
      await this.temporal.withDeadline(Date.now() + SIGNAL_MS, () =>
        handle.signal(acknowledge, {
          by: `pagerduty:${event.agent?.id ?? 'unknown'}`,
          via: 'pagerduty',
          event: event.eventType === 'incident.resolved' ? 'resolved' : 'acknowledged',
          deliveryId: event.id,
          at: microsOf(event.occurredAt),
        }),
      );
      return undefined;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'not_running';
      throw temporalUnavailable(error);
    }
  }
}

/** By these a responder says: I have seen it. Resolving in PagerDuty says no more than that: whether the cause is gone, the next judgement finds out. */
const ANSWERS: ReadonlySet<string> = new Set(['incident.acknowledged', 'incident.resolved']);
