import { formatInstant } from '@holdfast/kernel';
import { sendWebhook } from '@holdfast/platform/signed-webhook';
import type { WebhookChannel } from '../core/channel';
import type { Notification } from '../core/notification';
import { webLinks } from '../core/wording';
import { ANY, missing, type Route, type Sender } from './sender';

/** Signed JSON: `event` is `raised`, `acknowledged` or `resolved`. */
export const webhookSender: Sender<'webhook'> = {
  rate: { callsPerMinute: 120, burst: 60 },
  problems: (_, account) => missing(account, { address: true, secret: ANY }),
  async notify(route, notification) {
    const { key } = notification;
    await sendWebhook(receiverOf(route), { key, body: bodyOf(route.to, notification) });
    return key.slice(0, 200);
  },
  async followUp(route, _ref, { key, ...followUp }) {
    await sendWebhook(receiverOf(route), { key, body: { key, ...followUp } });
  },
};

const receiverOf = ({ account: { address, secrets }, timeoutMs }: Route<WebhookChannel>) => ({
  url: address!,
  secrets,
  timeoutMs,
});

const bodyOf = (to: string | undefined, { raisedAt, ...notification }: Notification) => ({
  event: 'raised',
  ...(to !== undefined && { to }),
  ...notification,
  links: webLinks(notification.links),
  raisedAt: formatInstant(raisedAt),
});
