import { ChannelsService } from '@holdfast/domains/channels/channels.service';
import { startSlack, type SlackEmulator } from '@holdfast/platform/channel-emulators';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { startStage, type Stage, until } from '../workflow/stage';

let temporal: TemporalServer;
let stage: Stage;
let slack: SlackEmulator;

beforeAll(async () => {
  leaveSignalsToNest();
  slack = await startSlack({ tokens: ['xoxb-1'], signingSecret: 'signing', channels: ['C123ABC456'] });
  temporal = await startTestTemporal();
  stage = await startStage(temporal.address, {
    HOLDFAST_CHANNEL_ADDRESSES: `chat=${slack.url}`,
    HOLDFAST_CHANNEL_SECRETS: 'chat=xoxb-1',
    HOLDFAST_SLACK_SIGNING_SECRETS: 'other,signing',
  });
  const channel = { type: 'slack', account: 'chat', conversation: 'C123ABC456', acknowledgeButton: true };
  expect((await stage.call('PUT', '/v1/channels/chat', { body: channel })).status).toBe(200);
  const levels = [{ targets: [{ kind: 'pagerduty', routingKey: 'first' }], acknowledgeTimeoutSeconds: 600 }];
  const made = await stage.call('PUT', '/v1/escalation-policies/paging', { body: { levels } });
  expect([made.status, made.body.errors]).toEqual([200, undefined]);
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
  await slack?.stop();
});

/** An alert of which a message with a button stands in Slack. */
async function told(): Promise<{ alert: string; message: { channel: string; ts: string } }> {
  const { alert } = (await stage.call('POST', '/v1/escalation-policies/paging/test')).body;
  const { ref } = await stage.worker.get(ChannelsService, { strict: false }).notify(
    { channel: 'chat' },
    {
      ...{ key: `${alert}/L1`, alertId: alert, severity: 'error', title: 'a test', facts: [], links: [], labels: {} },
      ...{ raisedAt: Date.now() * 1000, mayRepeat: false },
    },
  );
  const [channel, ts] = ref.split(':') as [string, string];
  return { alert, message: { channel, ts } };
}
const stateOf = async (alert: string) => (await stage.call('GET', `/v1/alerts/${alert}`)).body;
async function deliver({ headers, body }: { headers: Readonly<Record<string, string>>; body: string }) {
  const answer = await stage.api.app.inject({ method: 'POST', url: '/v1/webhooks/slack', payload: body, headers });
  return [answer.statusCode, answer.body === '' ? undefined : answer.json().code];
}

test('the button under a message acknowledges its alert, once', async () => {
  const { alert, message } = await told();
  const pressed = slack.press(message, 'acknowledge', 'U2CERLKJA');
  expect(await deliver(pressed)).toEqual([200, undefined]);
  await until('it is acknowledged', async () => (await stateOf(alert)).acknowledgedBy !== undefined);
  expect(await stateOf(alert)).toMatchObject({ acknowledgedBy: 'slack:U2CERLKJA', acknowledgedVia: 'slack' });
  expect(await deliver(pressed)).toEqual([409, 'webhook_replayed']);
  // Somebody else was a moment too late.
  expect(await deliver(slack.press(message, 'acknowledge', 'U0THER'))).toEqual([200, undefined]);
  expect((await stateOf(alert)).acknowledgedBy).toBe('slack:U2CERLKJA');
});

test('nobody else acknowledges: other secrets, old requests, other bodies, other buttons', async () => {
  const { alert, message } = await told();
  const pressed = slack.press(message, 'acknowledge', 'U2CERLKJA');
  const old = slack.press(message, 'acknowledge', 'U2CERLKJA', Math.floor(Date.now() / 1000) - 310);
  expect(await deliver(old)).toEqual([403, 'webhook_signature_invalid']);
  expect(await deliver({ ...pressed, body: `${pressed.body}&a=b` })).toEqual([403, 'webhook_signature_invalid']);
  const { 'x-slack-signature': _, ...unsigned } = pressed.headers;
  expect(await deliver({ headers: unsigned, body: pressed.body })).toEqual([403, 'webhook_signature_invalid']);
  const json = { ...pressed.headers, 'content-type': 'application/json' };
  expect((await deliver({ headers: json, body: pressed.body }))[0]).toBe(415);
  expect((await stateOf(alert)).acknowledgedBy).toBeUndefined();
  expect(await deliver(pressed)).toEqual([200, undefined]);
});
