export { IncidentsClient, type IncidentsClientOptions, type PagerDutyIncident } from './incidents-client';
export { eventProblem, restProblem } from './problem';
export { EventsClient, type CallOptions, type EventsClientOptions } from './events-client';
export { type EnqueueResult } from './post';
export {
  isRoutingKey,
  type AlertReference,
  type ChangeEvent,
  type EventLink,
  type Severity,
  type TriggerEvent,
} from './event';
export { PagerDutyError, type PagerDutyErrorKind } from './errors';
export {
  parseWebhook,
  verifyWebhookSignature,
  type IncidentEventType,
  type WebhookAgent,
  type WebhookEvent,
} from './webhook';
