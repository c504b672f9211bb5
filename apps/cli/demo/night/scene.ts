import type { MailServerEmulator, SlackEmulator } from '@holdfast/platform/channel-emulators';
import type { Stack } from '../../../standalone/stack';
import type { ApiClient } from '../../api-client';
import type { Alert, AlertRow } from '../../views';
import type { Narrator } from '../narrator';
import { type Check, eventually } from '../scene';
import { PEOPLE, type Person } from './documents';

/** What the parts of the night share. */
export interface NightScene {
  readonly narrator: Narrator;
  readonly stack: Stack;
  readonly client: ApiClient;
  readonly chat: SlackEmulator;
  readonly mail: MailServerEmulator;
  readonly signal: AbortSignal;
  readonly checks: Check[];
  /** Alerts of the night by what the story calls them. */
  readonly alerts: Map<string, string>;
}

const PATIENCE_MS = 60_000;

export function check({ checks, narrator }: NightScene, what: string, holds: boolean): void {
  checks.push({ what, holds });
  if (!holds) narrator.say(`NOT SO: ${what}`);
}

export const wait = <T>(
  scene: NightScene,
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> => eventually(scene, what, PATIENCE_MS, async () => look());

export const alertOf = ({ client }: NightScene, id: string): Promise<Alert> =>
  client.get<Alert>(`/v1/alerts/${encodeURIComponent(id)}`);

export const stateIs = (scene: NightScene, id: string, state: string): Promise<Alert> =>
  wait(scene, `${id} is ${state}`, async () => {
    const found = await alertOf(scene, id);
    return found.state === state ? found : undefined;
  });

export const happened = (scene: NightScene, id: string, kind: string, times = 1): Promise<Alert> =>
  wait(scene, `${kind} happens to ${id}`, async () => {
    const found = await alertOf(scene, id);
    return found.transitions.filter((one) => one.kind === kind).length >= times ? found : undefined;
  });

/** Raises an alert as a monitoring system does, or says that it is over. @returns its id */
export async function monitor(
  scene: NightScene,
  labels: Readonly<Record<string, string>>,
  summary: string,
  startsAt: Date,
  isOver = false,
): Promise<string> {
  const { client } = scene;
  const posted = { labels, annotations: { summary }, startsAt: startsAt.toISOString() };
  await client.post('/v1/alertmanager/payments/api/v2/alerts', [
    { ...posted, ...(isOver && { endsAt: new Date(Date.now() - 1).toISOString() }) },
  ]);
  const suffix = `.${(startsAt.getTime() * 1000).toString(36)}`;
  return wait(scene, `the alert of ${summary} is there`, async () => {
    for await (const one of client.items<AlertRow>('/v1/alerts', {}, 100)) if (one.id.endsWith(suffix)) return one.id;
    return undefined;
  });
}

/** What a person has in the chat about an alert: the newest message. */
export const inChat = ({ chat }: NightScene, person: Person, alertId: string) =>
  chat
    .messages()
    .filter(({ channel, blocks }) => channel === PEOPLE[person].member && JSON.stringify(blocks).includes(alertId))
    .at(-1);

/** What a person has in the mailbox about an alert. */
export const inMail = ({ mail }: NightScene, person: Person, alertId: string) =>
  mail
    .mails()
    .filter(
      ({ recipients, raw }) => recipients.includes(PEOPLE[person].mail) && raw.replace(/=\r\n/g, '').includes(alertId),
    )
    .at(-1);

/** Presses the button of the message in the chat. */
export async function pressInChat(scene: NightScene, person: Person, alertId: string): Promise<void> {
  const message = await wait(scene, `${person} has the message`, () => inChat(scene, person, alertId));
  const { headers, body } = scene.chat.press(message, 'acknowledge', PEOPLE[person].member);
  await fetch(`${scene.stack.url}/v1/webhooks/slack`, { method: 'POST', headers, body });
}

/** Follows the link of the mail, and presses the button of the page that it leads to. */
export async function tapInMail(scene: NightScene, person: Person, alertId: string): Promise<void> {
  const mail = await wait(scene, `${person} has the mail`, () => inMail(scene, person, alertId));
  const text = mail.raw.replace(/=\r\n/g, '').replace(/=3D/g, '=');
  const [link] = /http:\/\/[^\s"<>]*\/v1\/acknowledge\/[^\s"<>]+/.exec(text) ?? [];
  if (link === undefined) return;
  await fetch(link);
  await fetch(link, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '' });
}
