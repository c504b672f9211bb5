import type { ChangeEvent } from './event-validation';
import type { Fault } from './faults';
import type { EventCall } from './http';
import type { Agent, Incident, Notification } from './incident-book';
import type { Note } from './rest';
import type { WebhookDelivery, WebhookOptions } from './webhook-sender';

export interface EmulatorOptions {
  /** On loopback; 0, the default, takes a free one. */
  readonly port?: number;
  readonly webhook?: WebhookOptions;
  /** From the acceptance of an event to its processing, or asked for each event; a key's events keep their order. Default 5 ms. */
  readonly processingDelayMs?: number | (() => number);
  /** Calls of a routing key in any 60 seconds; the next is answered 429. Default 120. */
  readonly callsPerMinute?: number;
  /** Calls of the REST API with one token in any 60 seconds; the next is answered 429. Default 960. */
  readonly restCallsPerMinute?: number;
  /** The token that the REST API accepts; any by default. */
  readonly token?: string;
  /** Keeps incidents, notifications and accepted events in this file; an emulator started with it carries on. */
  readonly stateFile?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A running emulator of PagerDuty: Events API v2 with change events, incidents and notes of the REST API v2, people, Webhooks v3. What it returns are copies. */
export interface PagerDutyEmulator {
  /** Base URL; events go to /v2/enqueue and /v2/change/enqueue below it, the REST API begins at /incidents. */
  readonly url: string;
  readonly port: number;
  /** Calls of people so far: one per incident opened, however many events were accepted. */
  notifications(): readonly Notification[];
  incidents(): readonly Incident[];
  /** Change events that were accepted, in their order. */
  changes(): readonly ChangeEvent[];
  notes(): readonly Note[];
  /** The latest 10,000 calls of all interfaces; `body` of the REST API has `method` and `path`, too. */
  calls(): readonly EventCall[];
  deliveries(): readonly WebhookDelivery[];
  faults(): readonly Fault[];
  /** A person acts in PagerDuty on the newest open incident of this key; undefined when there is none. */
  acknowledge(dedupKey: string, routingKey?: string, agent?: Agent): Incident | undefined;
  resolve(dedupKey: string, routingKey?: string, agent?: Agent): Incident | undefined;
  inject(fault: Fault): void;
  clearFaults(): void;
  setWebhook(webhook: WebhookOptions | undefined): void;
  /** Resolves when all accepted events are processed and all webhooks delivered or dropped. */
  idle(): Promise<void>;
  /** Breaks open connections; what is not processed or delivered yet is not any more. */
  stop(): Promise<void>;
}
