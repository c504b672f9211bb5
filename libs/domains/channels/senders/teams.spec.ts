import { startTeams, type TeamsEmulator } from '@holdfast/platform/channel-emulators';
import { teamsSender } from './teams';
import { account, followUp, NOTIFICATION, outcome } from './testing/messages';

let teams: TeamsEmulator;
const route = (...addresses: readonly string[]) => ({
  channel: { type: 'teams', account: 'teams' } as const,
  account: account(undefined, ...addresses),
  ...{ to: undefined, timeoutMs: 5_000 },
});
beforeEach(async () => {
  teams = await startTeams(['sig-a']);
});
afterEach(() => teams.stop());

test('a card says everything, and links to where it is acknowledged', async () => {
  expect(await teamsSender.notify(route(...teams.addresses), NOTIFICATION)).toBe(NOTIFICATION.key);
  expect(teams.cards()).toMatchObject([
    {
      body: [
        { type: 'TextBlock', text: '3 orders are <missing\\> & \\*late\\*', color: 'attention' },
        {
          type: 'FactSet',
          facts: [
            { title: 'severity', value: 'error' },
            { title: 'process', value: 'order-to-cash' },
            { title: 'open', value: '3 <b\\>' },
          ],
        },
      ],
      actions: [
        { type: 'Action.OpenUrl', title: 'Acknowledge', url: 'https://holdfast.example/ack/1' },
        { type: 'Action.OpenUrl', title: 'Alert', url: NOTIFICATION.links[0]!.url },
      ],
    },
  ]);
});

test('what became of it is another card', async () => {
  await teamsSender.followUp(route(...teams.addresses), NOTIFICATION.key, followUp('resolved'));
  expect(teams.cards()).toMatchObject([{ body: [{ text: 'Resolved by on-call-a' }, {}] }]);
});

test('the longest notification in any script fits', async () => {
  const facts = Array.from({ length: 50 }, () => ({ name: '注文'.repeat(200), value: '不足'.repeat(2_000) }));
  await teamsSender.notify(route(...teams.addresses), { ...NOTIFICATION, title: '欠'.repeat(2_000), facts });
  expect(teams.cards()).toHaveLength(1);
});

test('an address that was taken back is followed by the next one', async () => {
  const [address] = teams.addresses as [string];
  const gone = address.replace('sig-a', 'sig-old');
  expect(await teamsSender.notify(route(gone, address), NOTIFICATION)).toBe(NOTIFICATION.key);
  teams.inject({ kind: 'status', status: 404 });
  expect(await teamsSender.notify(route(address, address), NOTIFICATION)).toBe(NOTIFICATION.key);
  expect(await outcome(teamsSender.notify(route(gone), NOTIFICATION))).toEqual(['unauthorized', 401]);
});

test('what goes wrong is told by its class', async () => {
  const send = () => outcome(teamsSender.notify(route(...teams.addresses), NOTIFICATION));
  for (const [status, kind] of [
    [429, 'rate_limited'],
    [502, 'failing'],
    [400, 'refused'],
    [413, 'refused'],
  ] as const) {
    teams.inject({ kind: 'status', status });
    expect(await send()).toEqual([kind, status]);
  }
});
