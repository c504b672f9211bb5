export { startMailServer, type MailServerEmulator, type MailServerOptions } from './smtp';
export { startWebhookReceiver, type WebhookReceiverEmulator } from './webhook-receiver';
export type { VendorFault, VendorServer } from './vendor-server';
