import { startMailServer, type MailServerEmulator, type MailServerOptions } from '@holdfast/platform/channel-emulators';
import { DeliveryError } from '@holdfast/platform/delivery';
import { sendMail, smtpServerOf, type SmtpServer } from './send-mail';

let server: MailServerEmulator;
afterEach(() => server.stop());

const MAIL = {
  ...{ messageId: '<b@holdfast.example>', references: ['<a@holdfast.example>'] },
  ...{ from: 'holdfast@holdfast.example', to: ['on-call-a@holdfast.example', 'on-call-b@holdfast.example'] },
  ...{ subject: '3 orders are missing', text: 'as text', html: '<p>as html</p>' },
};
const start = async (options: MailServerOptions = {}): Promise<void> => {
  server = await startMailServer(options);
};
const send = (over: Partial<SmtpServer> = {}, mail = MAIL): Promise<unknown> =>
  sendMail(
    { host: '127.0.0.1', port: server.port, tls: 'starttls', ca: server.ca, timeoutMs: 5_000, ...over },
    mail,
  ).then(
    () => 'sent',
    (error: unknown) => (error instanceof DeliveryError ? [error.kind, error.details.status] : error),
  );

test('a mail arrives encrypted, in its thread, as text and HTML', async () => {
  await start({ logins: ['holdfast:a:b'] });
  expect(await send({ login: 'holdfast:a:b' })).toBe('sent');
  const [{ headers, raw, ...envelope }] = server.mails() as [ReturnType<MailServerEmulator['mails']>[0]];
  expect(envelope).toEqual({ recipients: MAIL.to, isEncrypted: true, user: 'holdfast' });
  expect(headers).toMatchObject({
    'message-id': '<b@holdfast.example>',
    'in-reply-to': '<a@holdfast.example>',
    references: '<a@holdfast.example>',
    subject: '3 orders are missing',
    from: 'holdfast@holdfast.example',
  });
  expect(headers['content-type']).toContain('multipart/alternative');
  expect([raw.includes('as text'), raw.includes('<p>as html</p>')]).toEqual([true, true]);
});

test('TLS may begin with the connection', async () => {
  await start({ tls: 'implicit' });
  expect(await send({ tls: 'implicit' })).toBe('sent');
  expect(server.mails()).toMatchObject([{ isEncrypted: true }]);
});

test('nothing is sent where the connection cannot be encrypted, unless that is asked for', async () => {
  await start({ tls: 'none' });
  expect(await send()).toEqual(['refused', expect.anything()]);
  expect(server.mails()).toEqual([]);
  expect(await send({ tls: 'none' })).toBe('sent');
  expect(server.mails()).toMatchObject([{ isEncrypted: false }]);
});

test('a certificate that nobody vouches for is not believed', async () => {
  await start();
  expect(await send({ ca: undefined })).toEqual(['unreachable', undefined]);
  expect(server.mails()).toEqual([]);
});

test('a header cannot be smuggled in', async () => {
  await start();
  expect(await send({}, { ...MAIL, subject: 'a\r\nBcc: somebody@holdfast.example' })).toBe('sent');
  expect(server.mails()).toMatchObject([{ recipients: MAIL.to, headers: { subject: expect.stringContaining('Bcc') } }]);
  expect(server.mails()[0]!.headers).not.toHaveProperty('bcc');
});

test('what goes wrong is told by its class', async () => {
  await start({ logins: ['holdfast:right'] });
  expect(await send({ login: 'holdfast:wrong' })).toEqual(['unauthorized', 535]);
  const login = 'holdfast:right';
  server.inject({ kind: 'reply', code: 421, at: 'connect' });
  expect(await send({ login })).toEqual(['failing', 421]);
  server.inject({ kind: 'reply', code: 451, at: 'data' });
  expect(await send({ login })).toEqual(['rate_limited', 451]);
  server.inject({ kind: 'reply', code: 554, at: 'data' });
  expect(await send({ login })).toEqual(['refused', 554]);
  server.inject({ kind: 'reply', code: 550, at: 'recipient' });
  expect(await send({ login }, { ...MAIL, to: ['gone@holdfast.example'] })).toEqual(['refused', 550]);
  server.inject({ kind: 'drop_after' });
  expect(await send({ login })).toEqual(['unreachable', undefined]);
  server.inject({ kind: 'silent' });
  expect(await send({ login, timeoutMs: 300 })).toEqual(['unreachable', undefined]);
  expect(await send({ login, port: 1 })).toEqual(['unreachable', undefined]);
});

test('addresses say how the connection is encrypted', async () => {
  await start();
  expect(['smtp://mail', 'smtps://mail', 'smtp://mail:25?starttls=off', 'smtp://[::1]:25'].map(smtpServerOf)).toEqual([
    { host: 'mail', port: 587, tls: 'starttls' },
    { host: 'mail', port: 465, tls: 'implicit' },
    { host: 'mail', port: 25, tls: 'none' },
    { host: '::1', port: 25, tls: 'starttls' },
  ]);
  expect(['https://mail', 'mail', 'smtp:'].map(smtpServerOf)).toEqual([undefined, undefined, undefined]);
});
