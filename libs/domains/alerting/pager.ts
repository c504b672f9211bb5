import { Inject, Injectable } from '@nestjs/common';
import { DomainError, formatInstant, invalid } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { EventsClient, PagerDutyError, type AlertReference, type TriggerEvent } from '@holdfast/platform/pagerduty';
import type { FollowUp, PageToSend } from '@holdfast/workflows/alerting/escalate-alert/contract';
import type { Destination } from './core/alert';
import { PageComposer, type PageText } from './page-composer';

/** Time for one try, waiting for a turn in the rate limit included, in ms. Temporal repeats it: a worker that dies loses no try. */
const TRY_MS = 20_000;

/** Sends pages. One for each process: rate limits are counted here. */
@Injectable()
export class Pager {
  private readonly client: EventsClient;
  private readonly routingKeys: ReadonlyMap<string, string>;

  constructor(
    @Inject(CONFIGURATION) configuration: Configuration,
    private readonly composer: PageComposer,
  ) {
    this.client = new EventsClient({
      baseUrl: configuration.HOLDFAST_PAGERDUTY_URL,
      maxAttempts: 1,
      deadlineMs: TRY_MS,
    });
    this.routingKeys = configuration.HOLDFAST_PAGERDUTY_ROUTING_KEYS;
  }

  /**
   * Pages once. Its try is never broken off: whether the channel has taken it would be unknown.
   * @throws DomainError `unavailable` when a repeat may succeed, `invalid` when none will
   */
  async page(page: PageToSend, destination: Destination): Promise<{ ref: string }> {
    const text = await this.composer.compose(page);
    if (destination.kind === 'channel') throw invalid('channel_not_found', 'there is no such channel');
    const reference = this.referenceOf(destination.routingKey, page.dedupKey);
    await told(() => this.client.trigger({ ...reference, ...contentOf(page, text) }));
    return { ref: '' };
  }

  /** Acknowledges or resolves what the page opened. @throws as `page` */
  async followUp({ action, page: { dedupKey, destination } }: FollowUp): Promise<void> {
    if (destination.kind === 'channel') throw invalid('channel_not_found', 'there is no such channel');
    const reference = this.referenceOf(destination.routingKey, dedupKey);
    await told(() => this.client[action](reference));
  }

  private referenceOf(name: string, dedupKey: string): AlertReference {
    const routingKey = this.routingKeys.get(name);
    if (routingKey === undefined)
      throw invalid('routing_key_not_configured', 'the configuration has no routing key of this name any more');
    return { routingKey, dedupKey };
  }
}

/** What the responder reads in PagerDuty. Ids and counts: rows and their data stay in Holdfast. */
function contentOf({ alert, place, raisedAt }: PageToSend, text: PageText) {
  const { alertId, process, subject, policy, fingerprint, facts } = alert;
  const { level, repeat } = place;
  return {
    summary: text.title,
    source: 'holdfast',
    severity: text.severity,
    timestamp: formatInstant(raisedAt),
    ...(process !== '' && { component: process }),
    group: fingerprint,
    class: subject.kind,
    customDetails: {
      ...Object.fromEntries(text.facts.map(({ name, value }) => [name, value])),
      ...{ alert: alertId, subject: subject.id, policy, level, repeat, ...facts },
    },
    client: 'Holdfast',
    ...(text.url !== undefined && { clientUrl: text.url }),
  } satisfies Omit<TriggerEvent, keyof AlertReference>;
}

async function told(send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (error) {
    throw error instanceof PagerDutyError ? problemOf(error) : error;
  }
}

/** The code says what PagerDuty did; its own words may quote the event and stay behind. */
function problemOf({ kind, retryable, status, retryAfterMs }: PagerDutyError): DomainError {
  const said = status === undefined ? '' : ` with status ${status}`;
  if (!retryable) return invalid(`pagerduty_${kind}`, `PagerDuty refuses the event for good${said}`);
  return new DomainError('unavailable', `pagerduty_${kind}`, `PagerDuty does not take the event now${said}`, {
    ...(retryAfterMs !== undefined && { retryAfterSeconds: retryAfterMs / 1000 }),
  });
}
