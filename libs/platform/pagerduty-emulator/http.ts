import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallLimit } from './call-limit';
import { routingKeyOf, validateChange, validateEvent, type AlertEvent, type ChangeEvent } from './event-validation';
import type { Api, FaultPlan } from './faults';

/** A call of a vendor's interface and how it ended: an HTTP status, or a broken connection. */
export interface EventCall {
  readonly api: Api;
  /** RFC 3339. */
  readonly at: string;
  readonly outcome: number | 'dropped';
  readonly routingKey?: string;
  readonly body: unknown;
}

/** What the HTTP side asks of the emulator. */
export interface EnqueueContext {
  readonly faults: FaultPlan;
  readonly limit: CallLimit;
  readonly now: () => number;
  /** Takes the event and returns its dedup key; processing comes later. `processed` resolves after it. */
  accept(event: AlertEvent): { readonly dedupKey: string; readonly processed: Promise<void> };
  /** Takes the change event; there is nothing to process. */
  acceptChange(event: ChangeEvent): void;
  record(call: EventCall): void;
  /** Aborted when the emulator stops. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export const MAX_EVENT_BYTES = 512 * 1024;
const MAX_DRAINED_BYTES = 64 * 1024 * 1024;

const invalidEvent = (message: string, errors: readonly string[]): Answer => ({
  status: 400,
  body: { status: 'invalid event', message, errors },
});

/** What becomes of a request, and when all of it has happened. */
export interface Decided {
  readonly reply: Answer;
  readonly processed?: Promise<void>;
}

/** Serves one POST of /v2/enqueue or /v2/change/enqueue, faults included. */
export async function serveEnqueue(
  request: IncomingMessage,
  response: ServerResponse,
  context: EnqueueContext,
  api: 'events' | 'changes',
): Promise<void> {
  const raw = await readBody(request, MAX_EVENT_BYTES);
  const body = parseJson(raw);
  const routingKey = routingKeyOf(body);
  const call = { api, body, ...(routingKey === undefined ? {} : { routingKey }) };
  await serveWithFaults(request, response, context, call, () => decide(api, raw, body, routingKey, context));
}

/** Answers what is decided, or does what a fault says. The call is recorded before its answer goes out. */
export async function serveWithFaults(
  request: IncomingMessage,
  response: ServerResponse,
  context: Pick<EnqueueContext, 'faults' | 'now' | 'record' | 'signal'>,
  call: Omit<EventCall, 'at' | 'outcome'>,
  decide: () => Decided,
): Promise<void> {
  const fault = context.faults.takeRequestFault(call.api);
  const at = new Date(context.now()).toISOString();
  const record = (outcome: EventCall['outcome']): void => context.record({ at, outcome, ...call });
  if (fault?.kind === 'drop_before_processing') {
    record('dropped');
    request.socket.destroy();
    return;
  }
  if (fault?.kind === 'status') {
    record(fault.status);
    answer(response, faultAnswer(fault.status, fault.retryAfter));
    return;
  }
  const { reply, processed } = decide();
  if (fault?.kind === 'drop_after_processing') {
    record('dropped');
    await processed;
    request.socket.destroy();
    return;
  }
  record(reply.status);
  if (fault?.kind === 'slow') await delay(fault.delayMs, undefined, { signal: context.signal });
  answer(response, reply);
}

function decide(
  api: 'events' | 'changes',
  raw: Buffer | undefined,
  body: unknown,
  routingKey: string | undefined,
  context: EnqueueContext,
): Decided {
  if (raw === undefined) return { reply: invalidEvent('Event is too large', ['the event exceeds 512 KB']) };
  if (body === undefined) return { reply: invalidEvent('Event is not JSON', ['the body cannot be parsed as JSON']) };
  const wait = routingKey === undefined ? undefined : context.limit.refuse(routingKey);
  if (wait !== undefined) return { reply: faultAnswer(429, String(wait)) };
  return api === 'events' ? decideEvent(body, context) : decideChange(body, context);
}

function decideEvent(body: unknown, context: EnqueueContext): Decided {
  const verdict = validateEvent(body);
  if ('errors' in verdict) return { reply: invalidEvent('Event object is invalid', verdict.errors) };
  const { dedupKey, processed } = context.accept(verdict.event);
  const reply = { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: dedupKey } };
  return { reply, processed };
}

function decideChange(body: unknown, context: EnqueueContext): Decided {
  const verdict = validateChange(body);
  if ('errors' in verdict) return { reply: invalidEvent('Event object is invalid', verdict.errors) };
  context.acceptChange(verdict.event);
  return { reply: { status: 202, body: { status: 'success', message: 'Change event processed' } } };
}

function faultAnswer(status: number, retryAfter: string | undefined): Answer {
  const text = status === 429 ? 'throttle exceeded' : 'failure';
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  return { status, headers, body: { status: text, message: `answered with ${status}` } };
}

export function answer(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(status === 204 || status === 304 ? undefined : JSON.stringify(body));
}

/**
 * The whole body, or undefined when it is longer than the limit. What is too much is read and thrown away, so that the sender hears the
 * answer. @throws when the sender breaks off
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
    else if (length > MAX_DRAINED_BYTES) break;
  }
  return length > limit ? undefined : Buffer.concat(chunks);
}

export function parseJson(raw: Buffer | undefined): unknown {
  try {
    return raw && JSON.parse(raw.toString('utf8'));
  } catch {
    return undefined;
  }
}
