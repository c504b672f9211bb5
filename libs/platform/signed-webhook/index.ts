export { signatureOf, verifySignature } from './signature';
export { sendWebhook, type WebhookMessage, type WebhookReceiver } from './send';
