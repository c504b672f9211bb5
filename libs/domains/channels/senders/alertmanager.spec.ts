import { startAlertmanager, type AlertmanagerEmulator } from '@holdfast/platform/channel-emulators';
import type { AlertmanagerChannel } from '../core/channel';
import { alertmanagerSender } from './alertmanager';
import { account, followUp, NOTIFICATION as PAGE, outcome } from './testing/messages';

const NOTIFICATION = { ...PAGE, raisedAt: (Date.now() - 60_000) * 1000 };
let alertmanager: AlertmanagerEmulator;
const CHANNEL: AlertmanagerChannel = {
  ...{ type: 'alertmanager', account: 'am', labels: { team: 'orders' }, fireForHours: 24 },
};
const route = (...secrets: string[]) => ({
  channel: CHANNEL,
  account: account(`${alertmanager.url}/prefix/`, ...secrets),
  ...{ to: undefined, timeoutMs: 5_000 },
});
beforeEach(async () => {
  alertmanager = await startAlertmanager(['holdfast:old']);
});
afterEach(() => alertmanager.stop());
const LOGINS = ['holdfast:new', 'holdfast:old'];

test('an alert fires once, however often it is posted, until it is resolved', async () => {
  const ref = await alertmanagerSender.notify(route(...LOGINS), NOTIFICATION);
  await alertmanagerSender.notify(route(...LOGINS), { ...NOTIFICATION, mayRepeat: true });
  const [fired, ...others] = alertmanager.firing(Date.now() + 23 * 3_600_000);
  expect(others).toEqual([]);
  expect(fired).toMatchObject({
    labels: { team: 'orders', alertname: 'Holdfast', alert: 'orders.1', severity: 'error' },
    annotations: {
      ...{ summary: NOTIFICATION.title, process: 'order-to-cash', open: '3 <b>', label_team: 'orders' },
      acknowledge: NOTIFICATION.acknowledgeUrl,
    },
  });
  await alertmanagerSender.followUp(route(...LOGINS), ref, followUp('acknowledged'));
  expect(alertmanager.firing()).toHaveLength(1);
  await alertmanagerSender.followUp(route(...LOGINS), ref, followUp('resolved'));
  expect(alertmanager.firing(Date.now() + 1)).toEqual([]);
  expect(alertmanager.alerts()).toHaveLength(1);
});

test('what goes wrong is told by its class', async () => {
  const send = (...secrets: string[]) => outcome(alertmanagerSender.notify(route(...secrets), NOTIFICATION));
  expect(await send()).toEqual(['unauthorized', 401]);
  alertmanager.inject({ kind: 'status', status: 500 });
  expect(await send(...LOGINS)).toEqual(['failing', 500]);
  alertmanager.inject({ kind: 'status', status: 400 });
  expect(await send(...LOGINS)).toEqual(['refused', 400]);
});
