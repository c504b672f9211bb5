import { Inject, Injectable, Logger } from '@nestjs/common';
import { DomainError, type Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { parseInteraction, type SlackAction, verifySlackSignature } from '@holdfast/platform/slack';
import { AlertId } from './alerting.schemas';
import { AlertingService } from './alerting.service';
import { WebhookDeliveryStore } from './webhook-delivery.store';

/** The action of the button that channels of Slack put under a notification; its value is the alert's id. */
const ACKNOWLEDGE = 'acknowledge';
/** Outcomes that another press of the button would not better. */
const SETTLED: ReadonlySet<string> = new Set(['not_found', 'conflict']);

/** Hears what members press in Slack. Who may see the message may acknowledge: Slack says who it was, and Holdfast records it. */
@Injectable()
export class SlackWebhookService {
  private readonly log = new Logger('Webhooks');
  private readonly secrets: readonly string[];

  constructor(
    private readonly alerting: AlertingService,
    private readonly deliveries: WebhookDeliveryStore,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.secrets = configuration.HOLDFAST_SLACK_SIGNING_SECRETS;
  }

  /** @throws DomainError `unavailable` while no secret is configured: anybody could acknowledge */
  mustBeConfigured(): void {
    if (this.secrets.length === 0)
      throw new DomainError('unavailable', 'webhooks_not_configured', 'no signing secret of Slack is configured here', {
        retryAfterSeconds: 60,
      });
  }

  /**
   * Takes one request. Slack sends none twice: the same signature again is a replay.
   * @throws DomainError `forbidden` when no secret of ours signed it within five minutes; `conflict` for a replay; `unavailable` when nobody carries it out now
   */
  async take(
    body: Buffer,
    timestamp: string | undefined,
    signature: string | undefined,
    receivedAt: Micros,
  ): Promise<void> {
    const now = Math.floor(receivedAt / 1_000_000);
    if (!verifySlackSignature(body, timestamp, signature, this.secrets, now))
      throw new DomainError('forbidden', 'webhook_signature_invalid', 'no secret of this installation signed the body');
    const action = parseInteraction(body);
    if (action === 'unsupported' || action.actionId !== ACKNOWLEDGE) return;
    const eventId = `slack/${signature}`;
    if (await this.deliveries.isDelivered(eventId))
      throw new DomainError('conflict', 'webhook_replayed', 'this request was taken before');
    const alertId = AlertId.safeParse(action.value).data;
    const ignoredBecause =
      alertId === undefined ? 'foreign_value' : await this.acknowledge(alertId, action, receivedAt);
    if (ignoredBecause !== undefined) this.log.warn(`ignored a button of Slack: ${ignoredBecause}`);
    await this.deliveries.writeDelivery({
      ...{ eventId, eventType: 'slack.block_actions', dedupKey: '', alertId: alertId ?? '' },
      outcome: ignoredBecause === undefined ? 'accepted' : 'ignored',
      ...{ code: ignoredBecause ?? '', occurredAt: receivedAt, receivedAt },
    });
  }

  /** @returns why it does not matter, or undefined when the alert is acknowledged */
  private async acknowledge(alertId: string, { user }: SlackAction, at: Micros): Promise<string | undefined> {
    try {
      await this.alerting.acknowledge(alertId, `slack:${user}`, at, 'slack');
      return undefined;
    } catch (error) {
      if (error instanceof DomainError && SETTLED.has(error.kind)) return error.code;
      throw error;
    }
  }
}
