import { DeliveryError, withSecrets } from '@holdfast/platform/delivery';
import { postMessage, type SlackApi, type SlackContent, updateMessage } from '@holdfast/platform/slack';
import type { SlackChannel } from '../core/channel';
import type { FollowUp, Notification } from '../core/notification';
import { cut, outcomeOf, titleOf, webLinks } from '../core/wording';
import { missing, type Route, type Sender } from './sender';

/** Name of the button's action; its value is the alert's id. */
export const ACKNOWLEDGE = 'acknowledge';
/** Limits of Block Kit. */
const [HEADER, SECTION, VALUE] = [150, 3_000, 2_000];
const REF = /^([A-Z][A-Z0-9]{2,40}):(\d{1,20}\.\d{1,20})$/;

/** A message with a button, which becomes one without when it is acknowledged or resolved. */
export const slackSender: Sender<'slack'> = {
  // One message a second and conversation.
  rate: { callsPerMinute: 60, burst: 1 },
  limitedBy: ({ channel, to }) => `${channel.account}/${to ?? channel.conversation}`,
  problems: (_, account) => missing(account, { secret: /^xox[a-z]?[\w.-]+$/ }),
  async notify(route, notification) {
    const conversation = route.to ?? route.channel.conversation;
    if (conversation === undefined)
      throw new DeliveryError('refused', 'there is no conversation to post to', { code: 'no_recipient' });
    const content = contentOf(notification, route.channel.acknowledgeButton);
    const { channel, ts } = await asBot(route, (api) => postMessage(api, conversation, content));
    return `${channel}:${ts}`;
  },
  async followUp(route, ref, followUp) {
    const [, channel, ts] = REF.exec(ref) ?? [];
    if (channel === undefined || ts === undefined)
      throw new DeliveryError('refused', 'the reference names no message', { code: 'no_message' });
    await asBot(route, (api) => updateMessage(api, { channel, ts }, outcomeContent(followUp)));
  },
};

const asBot = <T>({ account, timeoutMs }: Route<SlackChannel>, use: (api: SlackApi) => Promise<T>): Promise<T> =>
  withSecrets(account.secrets, (token) => use({ url: account.address ?? 'https://slack.com', token, timeoutMs }));

/** The characters that mean something in Slack's mrkdwn, as its reference has them escaped. */
const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
const linked = (text: string, url: string): string =>
  `<${url.replace(/[|<>]/g, encodeURIComponent)}|${escaped(text).replace(/\|/g, '/')}>`;
const header = (text: string) => ({ type: 'header', text: { type: 'plain_text', text: cut(text, HEADER) } });
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text: cut(text, SECTION) } });

function contentOf(notification: Notification, hasButton: boolean): SlackContent {
  const { severity, facts, links, acknowledgeUrl, alertId } = notification;
  const title = titleOf(notification);
  const lines = [{ name: 'severity', value: severity }, ...facts].map(
    ({ name, value }) => `*${escaped(name)}:* ${escaped(value)}`,
  );
  const ways = [
    ...webLinks(links).map(({ text, url }) => linked(text, url)),
    ...(acknowledgeUrl !== undefined && !hasButton ? [linked('Acknowledge', acknowledgeUrl)] : []),
  ];
  const button = {
    type: 'button',
    text: { type: 'plain_text', text: 'Acknowledge' },
    ...{ action_id: ACKNOWLEDGE, value: alertId.slice(0, VALUE), style: 'primary' },
  };
  return {
    text: escaped(title),
    blocks: [
      header(title),
      section(lines.join('\n')),
      ...(ways.length > 0 ? [section(ways.join(' · '))] : []),
      ...(hasButton ? [{ type: 'actions', elements: [button] }] : []),
    ],
  };
}

function outcomeContent(followUp: FollowUp): SlackContent {
  const outcome = outcomeOf(followUp);
  return {
    text: escaped(`${outcome}: ${followUp.title}`),
    blocks: [header(followUp.title), section(`*${escaped(outcome)}*`)],
  };
}
