export { startPagerDutyEmulator } from './emulator';
export { type EmulatorOptions, type PagerDutyEmulator } from './handle';
export { type ChangeEvent } from './event-validation';
export { type Fault } from './faults';
export { type Agent, type Incident, type LogEntry, type Notification } from './incident-book';
export { type EventCall } from './http';
export { type Note } from './rest';
export { type WebhookDelivery, type WebhookOptions } from './webhook-sender';
