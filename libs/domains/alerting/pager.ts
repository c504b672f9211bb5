import { Inject, Injectable } from '@nestjs/common';
import { DomainError, formatInstant, invalid, type Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { EventsClient, PagerDutyError, type AlertReference, type TriggerEvent } from '@holdfast/platform/pagerduty';
import type { AlertToEscalate, Page, PagePlace } from './core/alert';

/** Time for one try, waiting for a turn in the rate limit included, in ms. Temporal repeats it: a worker that dies loses no try. */
const TRY_MS = 20_000;

/** Sends pages to PagerDuty. One for each process: the rate limit is counted here. */
@Injectable()
export class Pager {
  private readonly client: EventsClient;
  private readonly routingKeys: ReadonlyMap<string, string>;
  private readonly publicUrl: string | undefined;

  constructor(@Inject(CONFIGURATION) configuration: Configuration) {
    this.client = new EventsClient({
      baseUrl: configuration.HOLDFAST_PAGERDUTY_URL,
      maxAttempts: 1,
      deadlineMs: TRY_MS,
    });
    this.routingKeys = configuration.HOLDFAST_PAGERDUTY_ROUTING_KEYS;
    this.publicUrl = configuration.HOLDFAST_PUBLIC_URL;
  }

  /**
   * Pages once. Its try is never broken off: whether PagerDuty has taken it would be unknown.
   * @throws DomainError `unavailable` when a repeat may succeed, `invalid` when none will
   */
  async page(alert: AlertToEscalate, place: PagePlace, page: Page, raisedAt: Micros): Promise<void> {
    const reference = this.referenceOf(page);
    await told(() => this.client.trigger({ ...reference, ...this.contentOf(alert, place, raisedAt) }));
  }

  /** Acknowledges or resolves the page's incident. @throws as `page` */
  async followUp(action: 'acknowledge' | 'resolve', page: Page): Promise<void> {
    const reference = this.referenceOf(page);
    await told(() => this.client[action](reference));
  }

  private referenceOf({ dedupKey, routingKey: name }: Page): AlertReference {
    const routingKey = this.routingKeys.get(name);
    if (routingKey === undefined)
      throw invalid('routing_key_not_configured', 'the configuration has no routing key of this name any more');
    return { routingKey, dedupKey };
  }

  /** What the responder reads. Ids and counts: rows and their data stay in Holdfast. */
  private contentOf(alert: AlertToEscalate, { level, repeat }: PagePlace, raisedAt: Micros) {
    const { alertId, process, subject, severity, policy, fingerprint, facts } = alert;
    return {
      summary: summaryOf(alert),
      source: 'holdfast',
      severity,
      timestamp: formatInstant(raisedAt),
      ...(process !== '' && { component: process }),
      group: fingerprint,
      class: subject.kind,
      customDetails: { alert: alertId, subject: subject.id, policy, level, repeat, ...facts },
      client: 'Holdfast',
      ...(this.publicUrl !== undefined && { clientUrl: linkTo(this.publicUrl, alertId) }),
    } satisfies Omit<TriggerEvent, keyof AlertReference>;
  }
}

function summaryOf({ subject, policy, fingerprint, process, facts: { open, revision } }: AlertToEscalate): string {
  const of = (one: string, many: string): string => `${open} ${open === 1 ? one : many}`;
  switch (subject.kind) {
    case 'test':
      return `Holdfast: test page of escalation policy ${policy}; acknowledge it to end the test`;
    case 'rule':
    case 'finding':
      return `Holdfast: finding ${fingerprint}, ${of('case', 'cases')}${process === '' ? '' : ` in ${process}`}`;
    case 'reconciliation':
      if (revision === 0) return `Holdfast: window ${subject.id} of ${process} is past its deadline and not judged`;
      return `Holdfast: ${of('open discrepancy', 'open discrepancies')} in ${process}, window ${subject.id}`;
  }
}

/** Below the API's address, whose path is kept: a proxy may serve it under one. */
export function linkTo(publicUrl: string, alertId: string): string {
  const url = new URL(publicUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/alerts/${alertId}`;
  return url.href;
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
