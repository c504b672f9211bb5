import { Inject, Injectable } from '@nestjs/common';
import { formatInstant, invalid, LastKnown } from '@holdfast/kernel';
import { ChannelsService } from '@holdfast/domains/channels/channels.service';
import type { Notification } from '@holdfast/domains/channels/core/notification';
import { isWebUrl } from '@holdfast/domains/channels/core/wording';
import { PersonService } from '@holdfast/domains/oncall/person.service';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { eventProblem, EventsClient, type AlertReference, type TriggerEvent } from '@holdfast/platform/pagerduty';
import type { FollowUp, PageToSend } from '@holdfast/workflows/alerting/escalate-alert/contract';
import type { Destination } from './core/alert';
import { PageComposer, type PageText } from './page-composer';

/** Time for one try, waiting for a turn in the rate limit included, in ms. Temporal repeats it: a worker that dies loses no try. */
const TRY_MS = 20_000;
/** How long a look-up of addresses may take, in ms; those that were known last serve then. */
const LOOK_UP_MS = 2_000;

type ChannelDestination = Extract<Destination, { kind: 'channel' }>;

/** Sends pages. One for each process: rate limits are counted here. */
@Injectable()
export class Pager {
  private readonly client: EventsClient;
  private readonly routingKeys: ReadonlyMap<string, string>;
  private readonly known = new LastKnown<Awaited<ReturnType<PersonService['everybody']>>>(LOOK_UP_MS);

  constructor(
    @Inject(CONFIGURATION) configuration: Configuration,
    private readonly composer: PageComposer,
    private readonly channels: ChannelsService,
    private readonly people: PersonService,
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
   * @param mayRepeat an earlier try may have been delivered: what is not idempotent says so
   * @returns what follow-ups need
   * @throws DomainError `unavailable` when a repeat may succeed, `invalid` when none will
   */
  async page(page: PageToSend, destination: Destination, mayRepeat: boolean): Promise<{ readonly ref: string }> {
    const text = await this.composer.compose(page);
    if (destination.kind === 'channel')
      return this.channels.notify(await this.addressed(destination), notificationOf(page, text, mayRepeat));
    const reference = this.referenceOf(destination.routingKey, page.dedupKey);
    await eventProblem(() => this.client.trigger({ ...reference, ...contentOf(page, text) }));
    return { ref: '' };
  }

  /** Acknowledges or resolves what the page opened. @throws as `page` */
  async followUp({ alertId, action, page: { dedupKey, destination }, ref, by }: FollowUp): Promise<void> {
    if (destination.kind === 'channel') {
      const event = action === 'acknowledge' ? 'acknowledged' : 'resolved';
      // A key of its own: whoever takes each key once has taken the page's.
      const key = `${dedupKey}/${event}`;
      const followUp = { key, alertId, event, by, title: await this.composer.titleOf(alertId) } as const;
      await this.channels.followUp(await this.addressed(destination), ref, followUp);
      return;
    }
    const reference = this.referenceOf(destination.routingKey, dedupKey);
    await eventProblem(() => this.client[action](reference));
  }

  /** Keeps a page that no destination will ever take, so that somebody can send it again. */
  async keepDeadLetter(page: PageToSend, code: string): Promise<void> {
    const destination = page.destinations.find((one) => one.kind === 'channel');
    if (!destination) return;
    const notification = notificationOf(page, await this.composer.compose(page), true);
    await this.channels.deadLetter(await this.addressed(destination), notification, code, Date.now() * 1000);
  }

  /** With the address that the person has on the channel now. */
  private async addressed({ channel, person }: ChannelDestination): Promise<{ channel: string; to?: string }> {
    if (person === undefined) return { channel };
    const { value: everybody } = await this.known.get('everybody', () => this.people.everybody());
    const contacts = everybody.get(person)?.body.contacts ?? [];
    const to = contacts.flatMap((one) => (one.kind === 'channel' && one.channel === channel ? (one.to ?? []) : []))[0];
    return { channel, ...(to !== undefined && { to }) };
  }

  private referenceOf(name: string, dedupKey: string): AlertReference {
    const routingKey = this.routingKeys.get(name);
    if (routingKey === undefined)
      throw invalid('routing_key_not_configured', 'the configuration has no routing key of this name any more');
    return { routingKey, dedupKey };
  }
}

/** What the responder reads elsewhere. */
const notificationOf = (page: PageToSend, text: PageText, mayRepeat: boolean): Notification => ({
  key: page.dedupKey,
  alertId: page.alert.alertId,
  severity: text.severity,
  title: text.title,
  facts: text.facts,
  links: [
    ...(text.url === undefined ? [] : [{ text: 'Alert', url: text.url }]),
    ...(text.runbook === undefined ? [] : [{ text: 'Runbook', url: text.runbook }]),
  ],
  ...(text.acknowledgeUrl !== undefined && { acknowledgeUrl: text.acknowledgeUrl }),
  labels: text.labels,
  raisedAt: page.raisedAt,
  mayRepeat,
});

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
    links: linksOf(text),
  } satisfies Omit<TriggerEvent, keyof AlertReference>;
}

const linksOf = ({ runbook, acknowledgeUrl }: PageText): { href: string; text: string }[] => [
  ...(runbook === undefined || !isWebUrl(runbook) ? [] : [{ href: runbook, text: 'Runbook' }]),
  ...(acknowledgeUrl === undefined ? [] : [{ href: acknowledgeUrl, text: 'I take care of it' }]),
];
