import { startPagerDutyEmulator, type PagerDutyEmulator } from '@holdfast/platform/pagerduty-emulator';
import { pagerDutySender } from './pagerduty';
import { account, followUp, NOTIFICATION, outcome } from './testing/messages';

let pagerDuty: PagerDutyEmulator;
const KEY = 'a'.repeat(32);
const route = (key = KEY) => ({
  channel: { type: 'pagerduty', routingKey: 'ops' } as const,
  account: account(pagerDuty.url, key),
  ...{ to: undefined, timeoutMs: 5_000 },
});
beforeEach(async () => {
  pagerDuty = await startPagerDutyEmulator();
});
afterEach(() => pagerDuty.stop());

test('a key opens one incident, which the follow-ups acknowledge and resolve', async () => {
  const ref = await pagerDutySender.notify(route(), NOTIFICATION);
  await pagerDutySender.notify(route(), { ...NOTIFICATION, mayRepeat: true });
  await pagerDuty.idle();
  expect([ref, pagerDuty.notifications().length]).toEqual([NOTIFICATION.key, 1]);
  const states: unknown[] = [];
  for (const event of ['acknowledged', 'resolved'] as const) {
    await pagerDutySender.followUp(route(), ref, followUp(event));
    await pagerDuty.idle();
    states.push(pagerDuty.incidents()[0]!.status);
  }
  expect(states).toEqual(['acknowledged', 'resolved']);
});

test('a key that is too long for a reference is replaced by its hash, in follow-ups too', async () => {
  const ref = await pagerDutySender.notify(route(), { ...NOTIFICATION, key: 'k'.repeat(255) });
  expect(ref).toMatch(/^[0-9a-f]{64}$/);
  await pagerDutySender.followUp(route(), ref, followUp('resolved'));
  await pagerDuty.idle();
  expect(pagerDuty.incidents()).toMatchObject([{ status: 'resolved' }]);
});

test('what goes wrong is told by its class', async () => {
  const send = (key?: string) => outcome(pagerDutySender.notify(route(key), NOTIFICATION));
  for (const [status, kind] of [
    [429, 'rate_limited'],
    [503, 'failing'],
    [400, 'refused'],
    [403, 'refused'],
  ] as const) {
    pagerDuty.inject({ kind: 'status', status });
    expect(await send()).toEqual([kind, status]);
  }
  pagerDuty.inject({ kind: 'drop_after_processing' });
  expect(await send()).toEqual(['unreachable', undefined]);
  expect(await send('short')).toEqual(['refused', undefined]);
});
