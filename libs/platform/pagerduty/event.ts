import { PagerDutyError } from './errors';

export type Severity = 'critical' | 'error' | 'warning' | 'info';

export interface EventLink {
  readonly href: string;
  readonly text?: string;
}

/** Names an alert: PagerDuty correlates events by dedup key within one routing key. */
export interface AlertReference {
  /** Integration key of the service, 32 characters. A secret. */
  readonly routingKey: string;
  /** At most 255 characters. Required: a trigger repeated without one would open a second alert. */
  readonly dedupKey: string;
}

export interface TriggerEvent extends AlertReference {
  /** Cut to 1,024 characters. */
  readonly summary: string;
  readonly source: string;
  readonly severity: Severity;
  /** ISO 8601; PagerDuty takes its own time when absent. */
  readonly timestamp?: string;
  readonly component?: string;
  readonly group?: string;
  readonly class?: string;
  /** Replaced by a note when the whole event would exceed PagerDuty's 512 KB: a page without details beats no page. */
  readonly customDetails?: Readonly<Record<string, unknown>>;
  readonly links?: readonly EventLink[];
  readonly client?: string;
  readonly clientUrl?: string;
}

/** A change of a system, beside which PagerDuty shows incidents. It pages nobody, and has no dedup key: one that is sent twice is shown twice. */
export interface ChangeEvent {
  /** Integration key of the service, 32 characters. A secret. */
  readonly routingKey: string;
  /** Cut to 1,024 characters. */
  readonly summary: string;
  readonly source?: string;
  /** ISO 8601; PagerDuty takes its own time when absent. */
  readonly timestamp?: string;
  /** Replaced by a note when the whole event would exceed 512 KB. */
  readonly customDetails?: Readonly<Record<string, unknown>>;
  readonly links?: readonly EventLink[];
}

const MAX_SUMMARY = 1024;
const MAX_DEDUP_KEY = 255;
const MAX_EVENT_BYTES = 512 * 1024;
// Visible ASCII only: a trailing line break from a secret file is the usual mistake.
const ROUTING_KEY = /^[\x21-\x7e]{32}$/;
const LONE_SURROGATE = /\p{Surrogate}/gu;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Whether a text can be a routing key: 32 visible characters. */
export const isRoutingKey = (text: string): boolean => ROUTING_KEY.test(text);

/**
 * A summary of at most 1,024 UTF-16 units, hence as many characters however PagerDuty counts them. Never cuts a character in two, ends
 * in an ellipsis when cut, and holds no lone surrogates, which are not valid in JSON text.
 */
export function truncateSummary(summary: string): string {
  const text = summary.replace(LONE_SURROGATE, '\uFFFD');
  if (text.length <= MAX_SUMMARY) return text;
  const room = MAX_SUMMARY - 1;
  const grapheme = graphemes.segment(text).containing(room)?.index ?? room;
  // One grapheme may be longer than the room (stacked combining marks): then only surrogate pairs are kept whole.
  const pair = isLowSurrogate(text, room) ? room - 1 : room;
  return `${text.slice(0, grapheme > room / 2 ? grapheme : pair)}…`;
}

const isLowSurrogate = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xdc00;

/** The request body of a trigger. @throws PagerDutyError `invalid_input` when the keys are unusable or the details are not JSON */
export function triggerBody(event: TriggerEvent): string {
  checkReference(event);
  const wire = (customDetails: unknown): string =>
    toJson({
      ...referenceMembers(event, 'trigger'),
      payload: {
        summary: truncateSummary(event.summary),
        source: event.source,
        severity: event.severity,
        timestamp: event.timestamp,
        component: event.component,
        group: event.group,
        class: event.class,
        custom_details: customDetails,
      },
      links: event.links?.map(({ href, text }) => ({ href, text })),
      client: event.client,
      client_url: event.clientUrl,
    });
  return fitting(wire, event.customDetails);
}

/** The request body of a change event. @throws PagerDutyError `invalid_input` when the key is unusable or the details are not JSON */
export function changeBody(event: ChangeEvent): string {
  checkRoutingKey(event.routingKey);
  const wire = (customDetails: unknown): string =>
    toJson({
      routing_key: event.routingKey,
      payload: {
        summary: truncateSummary(event.summary),
        timestamp: event.timestamp,
        source: event.source,
        custom_details: customDetails,
      },
      links: event.links?.map(({ href, text }) => ({ href, text })),
    });
  return fitting(wire, event.customDetails);
}

/** With a note in place of details that are too long. */
function fitting(wire: (customDetails: unknown) => string, customDetails: unknown): string {
  const whole = wire(customDetails);
  if (Buffer.byteLength(whole) <= MAX_EVENT_BYTES) return whole;
  return wire({ omitted: 'The details exceeded the size that PagerDuty accepts.' });
}

/** The request body of an acknowledge or resolve. @throws PagerDutyError `invalid_input` when the keys are unusable */
export function followUpBody(action: 'acknowledge' | 'resolve', reference: AlertReference): string {
  checkReference(reference);
  return toJson(referenceMembers(reference, action));
}

const referenceMembers = ({ routingKey, dedupKey }: AlertReference, action: string) => ({
  routing_key: routingKey,
  event_action: action,
  dedup_key: dedupKey,
});

function checkRoutingKey(routingKey: string): void {
  if (!isRoutingKey(routingKey)) {
    throw new PagerDutyError('invalid_input', 'the routing key is not 32 visible characters long');
  }
}

function checkReference({ routingKey, dedupKey }: AlertReference): void {
  checkRoutingKey(routingKey);
  if (dedupKey.length === 0 || dedupKey.length > MAX_DEDUP_KEY) {
    throw new PagerDutyError('invalid_input', `the dedup key must have 1 to ${MAX_DEDUP_KEY} characters`);
  }
}

/** Members that are undefined are left out. */
function toJson(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw new PagerDutyError('invalid_input', 'the event cannot be written as JSON');
  }
}
