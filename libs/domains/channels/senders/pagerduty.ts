import { createHash } from 'node:crypto';
import { formatInstant } from '@holdfast/kernel';
import { DeliveryError, type DeliveryErrorKind } from '@holdfast/platform/delivery';
import { EventsClient, isRoutingKey, PagerDutyError, type PagerDutyErrorKind } from '@holdfast/platform/pagerduty';
import type { PagerDutyChannel } from '../core/channel';
import { webLinks } from '../core/wording';
import type { Sender, Route } from './sender';

/** Events of a service: the notification's key is the dedup key. */
export const pagerDutySender: Sender<'pagerduty'> = {
  rate: { callsPerMinute: 120, burst: 60 },
  problems(_, { secrets: [key] }) {
    const field = 'routingKey';
    if (key === undefined)
      return [{ field, reason: 'is not configured: HOLDFAST_PAGERDUTY_ROUTING_KEYS has no such name' }];
    return isRoutingKey(key) ? [] : [{ field, reason: 'is configured with something that is no routing key' }];
  },
  async notify(route, notification) {
    const { key, title, severity, raisedAt, alertId, facts, links, acknowledgeUrl, labels } = notification;
    const ways = [
      ...webLinks(links),
      ...(acknowledgeUrl === undefined ? [] : [{ text: 'Acknowledge', url: acknowledgeUrl }]),
    ];
    await told(() =>
      clientOf(route).trigger({
        ...{ routingKey: route.account.secrets[0]!, dedupKey: dedupKeyOf(key) },
        ...{ summary: title, source: 'holdfast', severity, timestamp: formatInstant(raisedAt), client: 'Holdfast' },
        customDetails: {
          alert: alertId,
          ...labels,
          ...Object.fromEntries(facts.map(({ name, value }) => [name, value])),
        },
        links: ways.map(({ text, url }) => ({ href: url, text })),
      }),
    );
    return dedupKeyOf(key);
  },
  async followUp(route, ref, { event }) {
    const reference = { routingKey: route.account.secrets[0]!, dedupKey: ref };
    await told(() => clientOf(route)[event === 'resolved' ? 'resolve' : 'acknowledge'](reference));
  },
};

/** The key itself wherever it fits into a reference. */
const dedupKeyOf = (key: string): string => (key.length <= 200 ? key : createHash('sha256').update(key).digest('hex'));

/** Tries once; the rate is counted for all channels alike. */
const clientOf = ({ account, timeoutMs }: Route<PagerDutyChannel>): EventsClient =>
  new EventsClient({
    maxAttempts: 1,
    deadlineMs: timeoutMs,
    ...(account.address !== undefined && { baseUrl: account.address }),
  });

const KINDS: Readonly<Record<PagerDutyErrorKind, DeliveryErrorKind>> = {
  invalid_input: 'refused',
  invalid_event: 'refused',
  rejected: 'refused',
  rate_limited: 'rate_limited',
  deadline: 'rate_limited',
  unavailable: 'failing',
};

async function told(send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (!(error instanceof PagerDutyError)) throw error;
    const { kind, status, retryAfterMs, message } = error;
    const isSilent = kind === 'unavailable' && status === undefined;
    throw new DeliveryError(isSilent ? 'unreachable' : KINDS[kind], message, { status, retryAfterMs });
  }
}
