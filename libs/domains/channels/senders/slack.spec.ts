import { startSlack, type SlackEmulator } from '@holdfast/platform/channel-emulators';
import { parseInteraction, verifySlackSignature } from '@holdfast/platform/slack';
import type { SlackChannel } from '../core/channel';
import { slackSender } from './slack';
import { account, followUp, NOTIFICATION, outcome } from './testing/messages';

let slack: SlackEmulator;
const CHANNEL: SlackChannel = {
  ...{ type: 'slack', account: 'chat', conversation: 'C123ABC456', acknowledgeButton: true },
};
const route = (over: { to?: string; channel?: Partial<SlackChannel>; secrets?: string[] } = {}) => ({
  channel: { ...CHANNEL, ...over.channel },
  account: account(slack.url, ...(over.secrets ?? ['xoxb-new', 'xoxb-old'])),
  ...{ to: over.to, timeoutMs: 5_000 },
});
beforeEach(async () => {
  slack = await startSlack({ tokens: ['xoxb-old'], signingSecret: 'signing', channels: ['C123ABC456', 'U2CERLKJA'] });
});
afterEach(() => slack.stop());

test('a message has a button, which goes when somebody has acknowledged', async () => {
  const ref = await slackSender.notify(route(), NOTIFICATION);
  const [posted] = slack.messages();
  expect(ref).toBe(`C123ABC456:${posted!.ts}`);
  const text = '3 orders are &lt;missing&gt; &amp; *late*';
  expect(posted).toMatchObject({ text, isEdited: false });
  expect(posted!.blocks).toEqual([
    { type: 'header', text: { type: 'plain_text', text: NOTIFICATION.title } },
    {
      type: 'section',
      text: { type: 'mrkdwn', text: '*severity:* error\n*process:* order-to-cash\n*open:* 3 &lt;b&gt;' },
    },
    {
      type: 'section',
      text: { type: 'mrkdwn', text: '<https://holdfast.example/v1/alerts/orders.1?a=1&b="2"|Alert>' },
    },
    {
      type: 'actions',
      elements: [
        {
          ...{ type: 'button', text: { type: 'plain_text', text: 'Acknowledge' } },
          ...{ action_id: 'acknowledge', value: 'orders.1', style: 'primary' },
        },
      ],
    },
  ]);
  await slackSender.followUp(route(), ref, followUp('acknowledged'));
  const [updated] = slack.messages();
  expect(updated).toMatchObject({ isEdited: true, text: `Acknowledged by on-call-a: ${text}` });
  expect(updated!.blocks.map(({ type }) => type)).toEqual(['header', 'section']);
});

test('a link acknowledges where there is no button; what may be a repeat says so; long texts fit', async () => {
  const long = { ...NOTIFICATION, title: 'x'.repeat(400), mayRepeat: true };
  const facts = Array.from({ length: 60 }, (_, index) => ({ name: `n${index}`, value: 'y'.repeat(200) }));
  await slackSender.notify(route({ channel: { acknowledgeButton: false }, to: 'U2CERLKJA' }), { ...long, facts });
  const [posted] = slack.messages();
  expect(posted!.channel).toBe('U2CERLKJA');
  expect(posted!.text).toContain('(may be a repeat)');
  expect(JSON.stringify(posted!.blocks)).toContain('<https://holdfast.example/ack/1|Acknowledge>');
});

test('what goes wrong is told by its class', async () => {
  const send = (over = {}) => outcome(slackSender.notify(route(over), NOTIFICATION));
  expect(await send({ secrets: ['xoxb-revoked'] })).toEqual(['unauthorized', 'invalid_auth']);
  expect(await send({ to: 'C0THER' })).toEqual(['refused', 'channel_not_found']);
  expect(await send({ channel: { conversation: undefined } })).toEqual(['refused', 'no_recipient']);
  slack.inject({ kind: 'status', status: 429, retryAfter: '30' });
  expect(await slackSender.notify(route(), NOTIFICATION).catch((error: unknown) => error)).toMatchObject({
    kind: 'rate_limited',
    details: { retryAfterMs: 30_000 },
  });
  slack.inject({ kind: 'status', status: 503 });
  expect(await send()).toEqual(['failing', 503]);
  slack.inject({ kind: 'status', status: 200 });
  expect(await send()).toEqual(['failing', 200]);
  slack.inject({ kind: 'half_close' });
  expect(await send()).toEqual(['unreachable', undefined]);
  expect(await outcome(slackSender.followUp(route(), 'C123ABC456:1.1', followUp('resolved')))).toEqual([
    'refused',
    'message_not_found',
  ]);
  expect(await outcome(slackSender.followUp(route(), 'elsewhere', followUp('resolved')))).toEqual([
    'refused',
    'no_message',
  ]);
});

test('whose turn it is goes by conversation', () => {
  expect([slackSender.limitedBy!(route()), slackSender.limitedBy!(route({ to: 'U1' }))]).toEqual([
    'chat/C123ABC456',
    'chat/U1',
  ]);
});

test('who presses the button is read, and believed when Slack signed it', async () => {
  await slackSender.notify(route(), NOTIFICATION);
  const { headers, body } = slack.press(slack.messages()[0]!, 'acknowledge', 'U2CERLKJA', 1_800_000_000);
  const bytes = Buffer.from(body);
  const believed = verifySlackSignature(
    bytes,
    headers['x-slack-request-timestamp'],
    headers['x-slack-signature'],
    ['signing'],
    1_800_000_010,
  );
  expect(believed).toBe(true);
  expect(parseInteraction(bytes)).toEqual({ actionId: 'acknowledge', value: 'orders.1', user: 'U2CERLKJA' });
});
