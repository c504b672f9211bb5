import { formatInstant } from '@holdfast/kernel';
import { type PostedAlert, postAlerts } from '@holdfast/platform/alertmanager';
import { withSecrets } from '@holdfast/platform/delivery';
import type { AlertmanagerChannel } from '../core/channel';
import type { Notification } from '../core/notification';
import { outcomeOf, webLinks } from '../core/wording';
import { LOGIN, missing, type Route, type Sender } from './sender';

const HOUR = 3_600_000_000;
const SECOND = 1_000_000;
const REF = /^(critical|error|warning|info)\/(\d{1,16})$/;

/**
 * An alert whose labels are its identity: `alertname`, `alert`, `severity` and those of the channel. It fires until its resolution ends it. What else a
 * notification says are annotations. An acknowledgement is not told: Alertmanager knows none.
 */
export const alertmanagerSender: Sender<'alertmanager'> = {
  rate: { callsPerMinute: 600, burst: 100 },
  problems: (_, account) => missing(account, { address: true, ...(account.secrets.length > 0 && { secret: LOGIN }) }),
  async notify(route, notification) {
    const { alertId, severity, raisedAt, links } = notification;
    const [first] = webLinks(links);
    await post(route, {
      labels: labelsOf(route.channel, alertId, severity),
      annotations: annotationsOf(notification),
      startsAt: formatInstant(raisedAt),
      endsAt: formatInstant(
        Math.max(Math.floor(Date.now() / 1000) * SECOND, raisedAt) + route.channel.fireForHours * HOUR,
      ),
      ...(first && { generatorURL: first.url }),
    });
    return `${severity}/${raisedAt}`;
  },
  async followUp(route, ref, followUp) {
    const [, severity, raisedAt] = REF.exec(ref) ?? [];
    if (followUp.event !== 'resolved' || severity === undefined) return;
    const now = Date.now() * 1000;
    await post(route, {
      labels: labelsOf(route.channel, followUp.alertId, severity),
      annotations: { summary: followUp.title, outcome: outcomeOf(followUp) },
      startsAt: formatInstant(Math.min(Number(raisedAt), now)),
      endsAt: formatInstant(now),
    });
  },
};

async function post({ account, timeoutMs }: Route<AlertmanagerChannel>, alert: PostedAlert): Promise<void> {
  const api = { url: account.address!, timeoutMs };
  if (account.secrets.length === 0) await postAlerts(api, [alert]);
  else await withSecrets(account.secrets, (login) => postAlerts({ ...api, login }, [alert]));
}

const labelsOf = ({ labels }: AlertmanagerChannel, alertId: string, severity: string): Record<string, string> => ({
  ...labels,
  ...{ alertname: 'Holdfast', alert: alertId, severity },
});

/** Names of annotations are letters, digits and _. */
const nameOf = (text: string): string => text.replace(/\W/g, '_').replace(/^(?=\d)/, '_');

const annotationsOf = ({ title, facts, labels, acknowledgeUrl }: Notification): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(labels).map(([name, value]) => [`label_${nameOf(name)}`, value])),
  ...Object.fromEntries(facts.map(({ name, value }) => [nameOf(name), value])),
  summary: title,
  ...(acknowledgeUrl !== undefined && { acknowledge: acknowledgeUrl }),
});
