import { startMailServer, type MailServerEmulator } from '@holdfast/platform/channel-emulators';
import type { EmailChannel } from '../core/channel';
import { emailSender } from './email';
import { account, followUp, NOTIFICATION, outcome } from './testing/messages';

let server: MailServerEmulator;
const CHANNEL: EmailChannel = {
  ...{ type: 'email', account: 'mail', from: 'holdfast@holdfast.example', to: ['team@holdfast.example'] },
};
const route = (over: { to?: string; secrets?: string[]; channel?: EmailChannel } = {}) => ({
  channel: over.channel ?? CHANNEL,
  account: account(
    `smtp://127.0.0.1:${server.port}?starttls=off`,
    ...(over.secrets ?? ['holdfast:new', 'holdfast:old']),
  ),
  ...{ to: over.to, timeoutMs: 5_000 },
});
beforeEach(async () => {
  server = await startMailServer({ tls: 'none', logins: ['holdfast:old'] });
});
afterEach(() => server.stop());

test('mails of an alert are one thread, and a repeat is the same mail', async () => {
  const ref = await emailSender.notify(route(), NOTIFICATION);
  expect(await emailSender.notify(route(), { ...NOTIFICATION, mayRepeat: true })).toBe(ref);
  await emailSender.notify(route(), { ...NOTIFICATION, key: 'orders.1/L2/R0/T1' });
  await emailSender.followUp(route(), ref, followUp('acknowledged'));
  const [first, repeat, second, answer] = server.mails().map(({ headers }) => headers);
  expect([first!['message-id'], repeat!['message-id']]).toEqual([ref, ref]);
  expect(second!['message-id']).not.toBe(ref);
  const thread = first!['in-reply-to'];
  expect([second!['in-reply-to'], answer!['references'], answer!['in-reply-to']]).toEqual([
    thread,
    `${thread} ${ref}`,
    ref,
  ]);
  expect([first!['subject'], repeat!['subject'], answer!['subject']]).toEqual([
    NOTIFICATION.title,
    `(may be a repeat) ${NOTIFICATION.title}`,
    `Re: ${NOTIFICATION.title}`,
  ]);
  expect(ref.length).toBeLessThanOrEqual(200);
});

test('goes to a person, or to whom the channel says; to nobody it is refused', async () => {
  await emailSender.notify(route({ to: 'on-call-a@holdfast.example' }), NOTIFICATION);
  await emailSender.notify(route(), NOTIFICATION);
  expect(server.mails().map(({ recipients }) => recipients)).toEqual([['on-call-a@holdfast.example'], CHANNEL.to]);
  const { to: _, ...nobody } = CHANNEL;
  expect(await outcome(emailSender.notify(route({ channel: nobody }), NOTIFICATION))).toEqual([
    'refused',
    'no_recipient',
  ]);
  const two = route({ to: 'a@holdfast.example, b@holdfast.example' });
  expect(await outcome(emailSender.notify(two, NOTIFICATION))).toEqual(['refused', 'no_recipient']);
});

test('HTML holds no markup that was not ours, nor links that are not of the web', async () => {
  const links = [...NOTIFICATION.links, { text: 'bad', url: 'javascript:alert(1)' }];
  await emailSender.notify(route(), { ...NOTIFICATION, links });
  const raw = server.mails()[0]!.raw.replace(/=\r\n/g, '').replace(/=3D/g, '=');
  expect(raw).toContain('<h2>3 orders are &lt;missing&gt; &amp; *late*</h2>');
  expect(raw).toContain('<td>3 &lt;b&gt;</td>');
  expect(raw).toContain('<a href="https://holdfast.example/v1/alerts/orders.1?a=1&amp;b=&quot;2&quot;">Alert</a>');
  expect(raw).toContain('<a href="https://holdfast.example/ack/1">Acknowledge</a>');
  expect(raw).not.toContain('javascript');
});

test('an account needs an address of mail, and logins that are some', () => {
  const problems = (address: string | undefined, ...secrets: string[]) =>
    emailSender.problems(CHANNEL, account(address, ...secrets)).map(({ reason }) => reason);
  expect([problems('smtp://mail', 'a:b'), problems('smtps://mail')]).toEqual([[], []]);
  expect([problems(undefined), problems('https://mail'), problems('smtp://mail', 'ab')]).toEqual([
    [expect.stringContaining('no address')],
    [expect.stringContaining('not smtp')],
    [expect.stringContaining('user:password')],
  ]);
});
