import { alertmanagerSender } from './alertmanager';
import { emailSender } from './email';
import { jiraSender } from './jira';
import { pagerDutySender } from './pagerduty';
import type { Senders } from './sender';
import { serviceNowSender } from './servicenow';
import { slackSender } from './slack';
import { teamsSender } from './teams';
import { webhookSender } from './webhook';

/** How each kind of channel says things. */
export const SENDERS: Senders = {
  alertmanager: alertmanagerSender,
  email: emailSender,
  jira: jiraSender,
  pagerduty: pagerDutySender,
  servicenow: serviceNowSender,
  slack: slackSender,
  teams: teamsSender,
  webhook: webhookSender,
};
