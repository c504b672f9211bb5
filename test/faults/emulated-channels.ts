import {
  startMailServer,
  startSlack,
  startWebhookReceiver,
  type MailServerEmulator,
  type SlackEmulator,
  type WebhookReceiverEmulator,
} from '@holdfast/platform/channel-emulators';
import type { ApiClient } from '../../apps/cli/api-client';
import { create } from './stage';

export const SLACK = 'fault-slack';
export const MAIL = 'fault-mail';
export const WEBHOOK = 'fault-webhook';
/** Ids of people by whom they stand for; each has a conversation of its own, since Slack takes one message a second in each. */
const MEMBERS: Readonly<Record<string, string>> = {
  'on-call-a': 'UFAULTA',
  'on-call-b': 'UFAULTB',
  'on-call-c': 'UFAULTC',
  'on-call-d': 'UFAULTD',
};
const REPEAT = '(may be a repeat) ';

/** A message as it was posted. */
export interface Post {
  readonly isMarked: boolean;
  readonly conversation: string;
}

/** Slack, a mail server and a receiver of webhooks, in the process of the test: nobody kills them. */
export class EmulatedChannels {
  private constructor(
    readonly slack: SlackEmulator,
    readonly mail: MailServerEmulator,
    readonly webhook: WebhookReceiverEmulator,
  ) {}

  static async start(): Promise<EmulatedChannels> {
    return new EmulatedChannels(
      await startSlack({ tokens: ['xoxb-faults'], signingSecret: 'signing', channels: Object.values(MEMBERS) }),
      await startMailServer({ tls: 'none' }),
      await startWebhookReceiver(['faults-secret-of-webhooks']),
    );
  }

  /** For API and worker. */
  get env(): Record<string, string> {
    const { slack, mail, webhook } = this;
    return {
      HOLDFAST_CHANNEL_ADDRESSES: `${SLACK}=${slack.url},${MAIL}=smtp://127.0.0.1:${mail.port}?starttls=off,${WEBHOOK}=${webhook.url}`,
      HOLDFAST_CHANNEL_SECRETS: `${SLACK}=xoxb-faults,${WEBHOOK}=faults-secret-of-webhooks`,
    };
  }

  /** Makes the channels, and people who have Slack first, then mail. */
  async introduce(api: ApiClient): Promise<void> {
    await create(api, `/v1/channels/${SLACK}`, { type: 'slack', account: SLACK, acknowledgeButton: false });
    await create(api, `/v1/channels/${MAIL}`, { type: 'email', account: MAIL, from: 'holdfast@faults.example' });
    await create(api, `/v1/channels/${WEBHOOK}`, { type: 'webhook', account: WEBHOOK });
    for (const [person, member] of Object.entries(MEMBERS))
      await create(api, `/v1/people/${person}`, {
        zone: 'Europe/Berlin',
        contacts: [
          { kind: 'channel', channel: SLACK, to: member },
          { kind: 'channel', channel: MAIL, to: `${person}@faults.example` },
        ],
      });
  }

  /** Messages about an alert that Slack took, as they were posted: also those whose answer nobody heard. @param summary of the alert */
  posts(summary: string): Post[] {
    return this.slack
      .requests()
      .filter(({ path, outcome }) => path === '/api/chat.postMessage' && (outcome === 200 || outcome === 'dropped'))
      .map(({ json }) => json as { channel: string; text: string })
      .filter(({ text }) => text.includes(summary))
      .map(({ text, channel }) => ({ isMarked: text.startsWith(REPEAT), conversation: channel }));
  }

  /** Messages that say what became of the alert. */
  edited(summary: string): number {
    return this.slack.messages().filter(({ text, isEdited }) => isEdited && text.includes(summary)).length;
  }

  /** Pages by mail: a repeat is the same mail. */
  mails(summary: string): Post[] {
    const mails = this.mail
      .mails()
      .map(({ headers, recipients }) => ({ id: headers['message-id']!, subject: headers['subject'] ?? '', recipients }))
      .filter(({ subject }) => subject.includes(summary) && !subject.startsWith('Re: '));
    return [...new Map(mails.map((one) => [one.id, one])).values()].map(({ subject, recipients }) => ({
      isMarked: subject.startsWith(REPEAT),
      conversation: recipients.join(),
    }));
  }

  /** Keys of what the receiver took about an alert, as the bodies name it. @param alertId its beginning is enough */
  taken(alertId: string, event: 'raised' | 'acknowledged' | 'resolved'): string[] {
    return this.webhook
      .taken()
      .filter(({ body }) => {
        const told = body as { alertId: string; event: string };
        return told.alertId.startsWith(alertId) && told.event === event;
      })
      .map(({ key }) => key);
  }

  async stop(): Promise<void> {
    await Promise.all([this.slack.stop(), this.mail.stop(), this.webhook.stop()]);
  }
}
