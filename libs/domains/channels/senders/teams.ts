import { withSecrets } from '@holdfast/platform/delivery';
import { postCard } from '@holdfast/platform/teams';
import type { TeamsChannel } from '../core/channel';
import type { Notification } from '../core/notification';
import { cut, outcomeOf, titleOf, webLinks } from '../core/wording';
import { missing, type Route, type Sender } from './sender';

/** What fits into a message of 28 KB, in any script. */
const [FACTS, NAME, VALUE, TITLE] = [20, 60, 250, 300];
const COLORS = { critical: 'attention', error: 'attention', warning: 'warning', info: 'accent' } as const;

/**
 * Cards through a workflow's address, which is the secret. What was posted cannot be changed through it: what became of a notification is another card.
 */
export const teamsSender: Sender<'teams'> = {
  // Four requests a second.
  rate: { callsPerMinute: 240, burst: 4 },
  problems: (_, account) => missing(account, { secret: /^https?:\/\/\S+$/ }),
  async notify(route, notification) {
    await post(route, cardOf(notification));
    return cut(notification.key, 200);
  },
  async followUp(route, _ref, followUp) {
    const outcome = { type: 'TextBlock', text: outcomeOf(followUp), weight: 'bolder', color: 'good', wrap: true };
    await post(route, card([outcome, { type: 'TextBlock', text: plain(cut(followUp.title, TITLE)), wrap: true }], []));
  },
};

const post = ({ account, timeoutMs }: Route<TeamsChannel>, content: object): Promise<void> =>
  withSecrets(account.secrets, (url) => postCard(url, content, timeoutMs));

const card = (body: readonly object[], actions: readonly object[]): object => ({
  ...{ $schema: 'http://adaptivecards.io/schemas/adaptive-card.json', type: 'AdaptiveCard', version: '1.4', body },
  ...(actions.length > 0 && { actions }),
});

/** Texts of cards are Markdown: what would be read as such is escaped. */
const plain = (text: string): string => text.replace(/[\\`*_[\]()#>~]/g, '\\$&');

function cardOf(notification: Notification): object {
  const { severity, facts, links, acknowledgeUrl } = notification;
  const title = {
    ...{ type: 'TextBlock', text: plain(cut(titleOf(notification), TITLE)), size: 'large', weight: 'bolder' },
    ...{ color: COLORS[severity], wrap: true },
  };
  const shown = [{ name: 'severity', value: severity }, ...facts].slice(0, FACTS);
  const rows = shown.map(({ name, value }) => ({ title: plain(cut(name, NAME)), value: plain(cut(value, VALUE)) }));
  const ways = webLinks([
    ...(acknowledgeUrl === undefined ? [] : [{ text: 'Acknowledge', url: acknowledgeUrl }]),
    ...links,
  ]);
  return card(
    [title, { type: 'FactSet', facts: rows }],
    ways.slice(0, 6).map(({ text, url }) => ({ type: 'Action.OpenUrl', title: cut(text, NAME), url })),
  );
}
