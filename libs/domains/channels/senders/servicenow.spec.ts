import { startServiceNow, type ServiceNowEmulator } from '@holdfast/platform/channel-emulators';
import type { ServiceNowChannel } from '../core/channel';
import { serviceNowSender } from './servicenow';
import { account, followUp, NOTIFICATION, outcome } from './testing/messages';

let servicenow: ServiceNowEmulator;
const CHANNEL: ServiceNowChannel = {
  ...{ type: 'servicenow', account: 'snow', table: 'incident', fields: { assignment_group: 'ops' } },
  ...{ acknowledged: { state: '2' }, resolved: { state: '6', close_code: 'Resolved by caller' } },
};
const route = (over: Partial<ServiceNowChannel> = {}, ...secrets: string[]) => ({
  channel: { ...CHANNEL, ...over },
  account: account(servicenow.url, ...(secrets.length > 0 ? secrets : ['holdfast:new', 'holdfast:old'])),
  ...{ to: undefined, timeoutMs: 10_000 },
});
beforeEach(async () => {
  servicenow = await startServiceNow(['holdfast:old']);
});
afterEach(() => servicenow.stop());

test('an alert has one record, also where the answer to its creation got lost', async () => {
  servicenow.inject({ kind: 'slow', delayMs: 0 }); // the look-up
  servicenow.inject({ kind: 'drop_after' }); // the creation
  const first = serviceNowSender.notify(route({}, 'holdfast:old'), NOTIFICATION);
  expect(await outcome(first)).toEqual(['unreachable', undefined]);
  const ref = await serviceNowSender.notify(route(), { ...NOTIFICATION, mayRepeat: true });
  expect(servicenow.records()).toMatchObject([
    {
      ...{ sys_id: ref, state: '1', impact: '2', urgency: '2', assignment_group: 'ops' },
      ...{ short_description: NOTIFICATION.title, correlation_display: 'Holdfast' },
      description: expect.stringContaining('process: order-to-cash'),
    },
  ]);
  expect(await serviceNowSender.notify(route(), { ...NOTIFICATION, alertId: 'orders.2' })).not.toBe(ref);
});

test('what becomes of the alert becomes of the record', async () => {
  const ref = await serviceNowSender.notify(route(), NOTIFICATION);
  await serviceNowSender.followUp(route(), ref, followUp('acknowledged'));
  expect(servicenow.records()).toMatchObject([{ state: '2', work_notes: 'Acknowledged by on-call-a' }]);
  await serviceNowSender.followUp(route(), ref, followUp('resolved'));
  expect(servicenow.records()).toMatchObject([{ state: '6', close_code: 'Resolved by caller' }]);
});

test('what goes wrong is told by its class', async () => {
  const send = (over = {}, ...secrets: string[]) =>
    outcome(serviceNowSender.notify(route(over, ...secrets), NOTIFICATION));
  expect(await send({}, 'holdfast:gone')).toEqual(['unauthorized', 401]);
  expect(await send({ table: 'none' })).toEqual(['refused', 400]);
  servicenow.inject({ kind: 'status', status: 429, retryAfter: '5' });
  expect(await send()).toEqual(['rate_limited', 429]);
  servicenow.inject({ kind: 'status', status: 200 }); // an instance that hibernates
  expect(await send()).toEqual(['failing', 200]);
  const unknown = serviceNowSender.followUp(route(), '0'.repeat(32), followUp('resolved'));
  expect(await outcome(unknown)).toEqual(['refused', 404]);
});
