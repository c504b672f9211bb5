export { startPagerDutyEmulator } from './emulator';
export { type EmulatorOptions, type PagerDutyEmulator } from './handle';
export { type Fault } from './faults';
export { type Agent, type Incident, type LogEntry, type Notification } from './incident-book';
export { type EventCall } from './http';
export { type WebhookDelivery, type WebhookOptions } from './webhook-sender';
