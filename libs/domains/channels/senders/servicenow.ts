import { createHash } from 'node:crypto';
import { withSecrets } from '@holdfast/platform/delivery';
import { changeRecord, createRecord, findRecord, type ServiceNowTable } from '@holdfast/platform/servicenow';
import type { ServiceNowChannel } from '../core/channel';
import { cut, outcomeOf, plainText, titleOf } from '../core/wording';
import { LOGIN, missing, type Route, type Sender } from './sender';

/** Length of the field short_description. */
const SHORT_DESCRIPTION = 160;
/** Impact and urgency: 1 is high, 3 is low. */
const RANKS = { critical: '1', error: '2', warning: '2', info: '3' } as const;

/** One record for each alert, found again by its `correlation_id`, which is made from the alert's id. */
export const serviceNowSender: Sender<'servicenow'> = {
  // Instances limit by the hour, as their administrators say.
  rate: { callsPerMinute: 120, burst: 20 },
  problems: (_, account) => missing(account, { address: true, secret: LOGIN }),
  notify: (route, notification) =>
    onTable(route, async (table) => {
      const correlationId = correlationIdOf(notification.alertId);
      const known = await findRecord(table, correlationId);
      if (known !== undefined) return known;
      const rank = RANKS[notification.severity];
      return createRecord(table, {
        ...{ impact: rank, urgency: rank },
        ...route.channel.fields,
        short_description: cut(titleOf(notification), SHORT_DESCRIPTION),
        description: plainText(notification),
        ...{ correlation_id: correlationId, correlation_display: 'Holdfast' },
      });
    }),
  async followUp(route, ref, followUp) {
    await onTable(route, (table) =>
      changeRecord(table, ref, { ...route.channel[followUp.event], work_notes: outcomeOf(followUp) }),
    );
  },
};

const onTable = <T>(
  { channel: { table }, account, timeoutMs }: Route<ServiceNowChannel>,
  use: (table: ServiceNowTable) => Promise<T>,
): Promise<T> =>
  withSecrets(account.secrets, (login) => use({ url: account.address!, login, table, timeoutMs: timeoutMs / 2 }));

const correlationIdOf = (alertId: string): string =>
  `holdfast-${createHash('sha256').update(alertId).digest('hex').slice(0, 40)}`;
