export { startAlertmanager, type AlertmanagerEmulator } from './alertmanager';
export { startJira, type JiraEmulator } from './jira';
export { startServiceNow, type ServiceNowEmulator } from './servicenow';
export { startSlack, type SlackEmulator } from './slack';
export { startMailServer, type MailServerEmulator, type MailServerOptions } from './smtp';
export { startTeams, type TeamsEmulator } from './teams';
export { startWebhookReceiver, type WebhookReceiverEmulator } from './webhook-receiver';
export type { VendorFault, VendorServer } from './vendor-server';
