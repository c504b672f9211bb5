export { startWebhookReceiver, type WebhookReceiverEmulator } from './webhook-receiver';
export type { VendorFault, VendorServer } from './vendor-server';
