import { retryAfterMs } from '@holdfast/platform/delivery';
import { PagerDutyError } from './errors';

/** PagerDuty has accepted the event; it processes it later. */
export interface EnqueueResult {
  readonly status: string;
  /** '' for a change event. */
  readonly dedupKey: string;
  readonly message: string;
}

export interface PostRequest {
  readonly url: string;
  readonly body: string;
  readonly routingKey: string;
  readonly dedupKey: string;
  /** Counted from 1. */
  readonly attempt: number;
  readonly timeoutMs: number;
  /** Milliseconds since 1970, for a Retry-After date of an answer without a Date. */
  readonly now: () => number;
  readonly signal: AbortSignal | undefined;
}

const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_ERRORS = 20;
const MAX_ERROR_LENGTH = 500;

/** One call. Returns the failure instead of throwing it. @throws the signal's reason when the caller aborts */
export async function postEvent(request: PostRequest): Promise<EnqueueResult | PagerDutyError> {
  const { signal, attempt } = request;
  const controller = new AbortController();
  const onAbort = (): void => controller.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const timeout = new Error('no answer in time');
  const timer = setTimeout(() => controller.abort(timeout), Math.max(1, request.timeoutMs));
  try {
    signal?.throwIfAborted();
    const response = await fetch(request.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: request.body,
      signal: controller.signal,
      // The body holds a secret: it is not carried to wherever an answer points.
      redirect: 'manual',
    });
    return await judge(response, request);
  } catch (error) {
    signal?.throwIfAborted();
    const reason = error === timeout ? timeout.message : networkReason(error);
    return new PagerDutyError('unavailable', `PagerDuty could not be reached: ${reason}`, { attempts: attempt });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

async function judge(response: Response, request: PostRequest): Promise<EnqueueResult | PagerDutyError> {
  const { routingKey, dedupKey, attempt } = request;
  const answer = await readAnswer(response);
  const { status } = response;
  if (status === 202) {
    // The status alone says that the event is taken; a body cut off on its way changes nothing.
    return {
      status: textOr(answer['status'], 'success'),
      dedupKey: textOr(answer['dedup_key'], dedupKey),
      message: textOr(answer['message'], ''),
    };
  }
  const details = { status, attempts: attempt, errors: errorsOf(answer, routingKey) };
  const wait = retryAfterMs(response.headers, request.now());
  const retry = wait === undefined ? details : { ...details, retryAfterMs: wait };
  if (status === 429) return new PagerDutyError('rate_limited', 'PagerDuty accepts no more events for now', retry);
  if (status >= 500) return new PagerDutyError('unavailable', `PagerDuty answered ${status}`, retry);
  if (status === 400) return new PagerDutyError('invalid_event', 'PagerDuty found the event invalid', details);
  // 202 is the only success documented: a 200 comes from something in between, and nobody would be paged.
  if (status < 300) return new PagerDutyError('unavailable', `unexpected answer ${status} to an event`, details);
  return new PagerDutyError('rejected', `PagerDuty answered ${status}`, details);
}

/** The members of the answer's JSON object; none when it is no such thing, too long, or cut off. */
async function readAnswer(response: Response): Promise<Record<string, unknown>> {
  try {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES) return {};
      chunks.push(chunk);
    }
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

/** What PagerDuty says is wrong, bounded; it may quote the event, so the routing key is blotted out wherever it occurs. */
function errorsOf(answer: Record<string, unknown>, routingKey: string): string[] {
  const listed: unknown[] = Array.isArray(answer['errors']) ? answer['errors'] : [];
  return listed
    .filter((entry): entry is string => typeof entry === 'string')
    .slice(0, MAX_ERRORS)
    .map((entry) => blotOut(entry, routingKey).slice(0, MAX_ERROR_LENGTH));
}

function blotOut(text: string, secret: string): string {
  const escaped = secret.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return text.replace(new RegExp(escaped, 'gi'), '[routing key]');
}

/** The system's error code only: messages of lower layers may quote what was sent. */
function networkReason(error: unknown): string {
  const code = memberOf(memberOf(error, 'cause'), 'code') ?? memberOf(error, 'code');
  return typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? code : 'network error';
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
