import { createHash } from 'node:crypto';
import { DeliveryError, withSecrets } from '@holdfast/platform/delivery';
import { sendMail, smtpServerOf, type Mail } from '@holdfast/platform/smtp';
import type { EmailChannel } from '../core/channel';
import type { Notification } from '../core/notification';
import { outcomeOf, plainText, titleOf, webLinks } from '../core/wording';
import { LOGIN, type Route, type Sender } from './sender';

const ADDRESS = /^[^\s@<>,;"]{1,64}@[^\s@<>,;"]{1,189}$/;

/**
 * Mail. Its Message-ID is made from the notification's key: a repeat is the same mail, which mail systems keep once. All mails of an alert refer to a
 * Message-ID made from the alert's, which no mail has, so that they are one thread whichever of them arrives.
 */
export const emailSender: Sender<'email'> = {
  // No standard says how many; mail systems that limit say so with 4yz.
  rate: { callsPerMinute: 120, burst: 60 },
  problems(_, { address, secrets }) {
    const reasons = [
      ...(address === undefined ? ['has no address: HOLDFAST_CHANNEL_ADDRESSES has no such name'] : []),
      ...(address !== undefined && !smtpServerOf(address) ? ['has an address that is not smtp or smtps'] : []),
      ...(secrets.every((secret) => LOGIN.test(secret)) ? [] : ['has a secret that is not user:password']),
    ];
    return reasons.map((reason) => ({ field: 'account', reason }));
  },
  async notify(route, notification) {
    const messageId = idOf(route, `page/${notification.key}`);
    const { alertId } = notification;
    const content = { subject: titleOf(notification), text: plainText(notification), html: htmlOf(notification) };
    await handIn(route, { messageId, references: [idOf(route, `alert/${alertId}`)], ...content });
    return messageId;
  },
  async followUp(route, ref, followUp) {
    const outcome = outcomeOf(followUp);
    await handIn(route, {
      messageId: idOf(route, `page/${followUp.key}`),
      references: [idOf(route, `alert/${followUp.alertId}`), ref],
      subject: `Re: ${followUp.title}`,
      text: `${outcome}.\n\n${followUp.title}`,
      html: `<p><strong>${escaped(outcome)}.</strong></p><p>${escaped(followUp.title)}</p>`,
    });
  },
};

async function handIn({ channel, account, to, timeoutMs }: Route<EmailChannel>, mail: Omit<Mail, 'from' | 'to'>) {
  const recipients = to === undefined ? channel.to : [to];
  if (!recipients?.every((one) => ADDRESS.test(one)))
    throw new DeliveryError('refused', 'there is no mail address to send to', { code: 'no_recipient' });
  const server = { ...smtpServerOf(account.address!)!, timeoutMs };
  const whole = { ...mail, from: channel.from, to: recipients };
  if (account.secrets.length === 0) await sendMail(server, whole);
  else await withSecrets(account.secrets, (login) => sendMail({ ...server, login }, whole));
}

const idOf = ({ channel: { from } }: Route<EmailChannel>, name: string): string =>
  `<${createHash('sha256').update(name).digest('hex').slice(0, 40)}@${from.slice(from.lastIndexOf('@') + 1)}>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => ENTITIES[one]!);
const linked = (text: string, url: string): string => `<a href="${escaped(url)}">${escaped(text)}</a>`;

function htmlOf(notification: Notification): string {
  const { severity, facts, links, acknowledgeUrl } = notification;
  const rows = [{ name: 'severity', value: severity }, ...facts].map(
    ({ name, value }) => `<tr><th align="left">${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  );
  const all = [
    ...webLinks(links).map(({ text, url }) => linked(text, url)),
    ...(acknowledgeUrl === undefined ? [] : [linked('Acknowledge', acknowledgeUrl)]),
  ];
  return [
    `<h2>${escaped(titleOf(notification))}</h2>`,
    `<table>${rows.join('')}</table>`,
    ...all.map((one) => `<p>${one}</p>`),
  ].join('\n');
}
