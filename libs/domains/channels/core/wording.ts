import type { FollowUp, Notification } from './notification';

const REPEAT = '(may be a repeat) ';

/** The title, marked where an earlier try may have been delivered: for channels that cannot tell a repeat. */
export const titleOf = ({ title, mayRepeat }: Notification): string => `${mayRepeat ? REPEAT : ''}${title}`;

const MOST_URL = 1_000;

/** An address of the web, in one piece, that fits into a message: what another system says is one may be anything. */
export const isWebUrl = (text: string): boolean =>
  text.length <= MOST_URL && /^https?:\/\/[^\s\p{Cc}]+$/iu.test(text) && URL.canParse(text);

/** Those links that lead to the web: no sender passes on another. */
export const webLinks = <L extends { readonly url: string }>(links: readonly L[]): L[] =>
  links.filter(({ url }) => isWebUrl(url));

/** What became of a notification, as a sentence. */
export const outcomeOf = ({ event, by }: FollowUp): string =>
  by === ''
    ? event === 'resolved'
      ? 'Resolved'
      : 'Acknowledged'
    : `${event === 'resolved' ? 'Resolved' : 'Acknowledged'} by ${by}`;

/** Everything that a notification says, line by line, for channels of plain text. */
export function plainText(notification: Notification): string {
  const { severity, facts, links, acknowledgeUrl } = notification;
  return [
    titleOf(notification),
    '',
    `severity: ${severity}`,
    ...facts.map(({ name, value }) => `${name}: ${value}`),
    '',
    ...webLinks(links).map(({ text, url }) => `${text}: ${url}`),
    ...(acknowledgeUrl === undefined ? [] : [`Acknowledge: ${acknowledgeUrl}`]),
  ]
    .join('\n')
    .trimEnd();
}

/** A text of at most so many UTF-16 units, never ending in half of a character. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(most - 2)) ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
}

/** Labels that alerts have in Alertmanager whatever the channel says. */
export const OWN_LABELS: readonly string[] = ['alertname', 'alert', 'severity'];
