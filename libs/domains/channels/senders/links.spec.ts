import {
  startAlertmanager,
  startJira,
  startMailServer,
  startServiceNow,
  startSlack,
  startTeams,
  startWebhookReceiver,
} from '@holdfast/platform/channel-emulators';
import { startPagerDutyEmulator } from '@holdfast/platform/pagerduty-emulator';
import type { ChannelDefinition, ChannelType } from '../core/channel';
import { SENDERS } from '.';
import type { Account, Sender } from './sender';
import { account, followUp, NOTIFICATION } from './testing/messages';

const LOGIN = 'holdfast:password';
const ADDRESS = 'https://runbooks.example/';
const LINKS = ['!channel', '@U2CERLKJA', 'javascript:alert(1)', `${ADDRESS}${'x'.repeat(1_000)}`, 'https://a <!here>'];

interface Vendor {
  readonly account: Account;
  /** Everything that it was sent, as text. */
  sent(): string;
  stop(): Promise<void>;
}
interface Served {
  requests(): readonly { readonly text: string; readonly query: URLSearchParams }[];
  stop(): Promise<void>;
}
const web = (server: Served, account: Account): Vendor => ({
  account,
  sent: () =>
    server
      .requests()
      .map(({ text }) => text)
      .join('\n'),
  stop: () => server.stop(),
});

/** A channel of each type, and its vendor. */
const CHANNELS: Readonly<Record<ChannelType, [object, () => Promise<Vendor>]>> = {
  alertmanager: [
    { account: 'a', labels: {}, fireForHours: 24 },
    async () => {
      const server = await startAlertmanager();
      return web(server, account(server.url));
    },
  ],
  email: [
    { account: 'a', from: 'holdfast@holdfast.example', to: ['team@holdfast.example'] },
    async () => {
      const server = await startMailServer({ tls: 'none' });
      return {
        account: account(`smtp://127.0.0.1:${server.port}?starttls=off`),
        sent: () =>
          server
            .mails()
            .map(({ raw }) => raw.replace(/=\r\n/g, '').replace(/=3D/g, '='))
            .join('\n'),
        stop: () => server.stop(),
      };
    },
  ],
  jira: [
    { account: 'a', project: 'OPS', issueType: 'Task' },
    async () => {
      const server = await startJira([LOGIN]);
      return web(server, account(server.url, LOGIN));
    },
  ],
  pagerduty: [
    { routingKey: 'ops' },
    async () => {
      const server = await startPagerDutyEmulator();
      return {
        account: account(server.url, 'a'.repeat(32)),
        sent: () => JSON.stringify(server.calls()),
        stop: () => server.stop(),
      };
    },
  ],
  servicenow: [
    { account: 'a', table: 'incident', fields: {}, acknowledged: {}, resolved: {} },
    async () => {
      const server = await startServiceNow([LOGIN]);
      return web(server, account(server.url, LOGIN));
    },
  ],
  slack: [
    { account: 'a', conversation: 'C123ABC456', acknowledgeButton: true },
    async () => {
      const server = await startSlack({ tokens: ['xoxb-a'], signingSecret: 'signing', channels: ['C123ABC456'] });
      return web(server, account(server.url, 'xoxb-a'));
    },
  ],
  teams: [
    { account: 'a' },
    async () => {
      const server = await startTeams(['sig']);
      return web(server, account(undefined, ...server.addresses));
    },
  ],
  webhook: [
    { account: 'a' },
    async () => {
      const server = await startWebhookReceiver(['secret']);
      return web(server, account(server.url, 'secret'));
    },
  ],
};

test.each(Object.keys(CHANNELS) as ChannelType[])('%s passes on no link but those of the web', async (type) => {
  const [settings, start] = CHANNELS[type];
  const vendor = await start();
  try {
    const channel = { type, ...settings } as ChannelDefinition;
    const route = { channel, account: vendor.account, ...{ to: undefined, timeoutMs: 5_000 } };
    const links = [...LINKS, `${ADDRESS}disk`].map((url, index) => ({ text: `Link ${index}`, url }));
    await (SENDERS[type] as Sender<ChannelType>).notify(route, { ...NOTIFICATION, links });
    const sent = vendor.sent();
    expect(sent).toContain(`${ADDRESS}disk`);
    expect(LINKS.filter((url) => sent.includes(url))).toEqual([]);
  } finally {
    await vendor.stop();
  }
});

test('what a title or an outcome says mentions nobody in Slack, nor leads anywhere', async () => {
  const server = await startSlack({ tokens: ['xoxb-a'], signingSecret: 'signing', channels: ['C123ABC456'] });
  try {
    const channel = { type: 'slack', account: 'a', conversation: 'C123ABC456', acknowledgeButton: true } as const;
    const route = { channel, account: account(server.url, 'xoxb-a'), ...{ to: undefined, timeoutMs: 5_000 } };
    const title = '<!channel> <https://elsewhere.example|reset your password> & more';
    const shown = '&lt;!channel&gt; &lt;https://elsewhere.example|reset your password&gt; &amp; more';
    const ref = await SENDERS.slack.notify(route, { ...NOTIFICATION, title });
    expect(server.messages()[0]!.text).toBe(shown);
    await SENDERS.slack.followUp(route, ref, { ...followUp('resolved'), by: '<!here>', title });
    expect(server.messages()[0]!.text).toBe(`Resolved by &lt;!here&gt;: ${shown}`);
  } finally {
    await server.stop();
  }
});
