import { backoffMs, KeyedTokenBucket, systemTiming, type Timing } from '@holdfast/platform/delivery';
import { PagerDutyError } from './errors';
import {
  changeBody,
  followUpBody,
  triggerBody,
  type AlertReference,
  type ChangeEvent,
  type TriggerEvent,
} from './event';
import { postEvent, type EnqueueResult } from './post';

export interface EventsClientOptions {
  /** Where /v2/enqueue and /v2/change/enqueue are found; by default PagerDuty's US region. */
  readonly baseUrl?: string;
  /** Calls of one event at most, the first included. Default 5. */
  readonly maxAttempts?: number;
  /** Time for one call, answer included. Default 10,000 ms. */
  readonly requestTimeoutMs?: number;
  /** Time for one event: waits for the rate limit, calls and waits between them. Default 60,000 ms. */
  readonly deadlineMs?: number;
  /** First and longest backoff, before jitter. Default 500 ms and 30,000 ms. */
  readonly backoffBaseMs?: number;
  readonly backoffCapMs?: number;
  /** Calls of one routing key in any minute. Default 120, PagerDuty's limit. */
  readonly callsPerMinute?: number;
  /** How many of these a rested key may make at once. Default half. */
  readonly burst?: number;
  /** Routing keys whose rate is remembered. Default 10,000. */
  readonly maxRoutingKeys?: number;
  readonly timing?: Timing;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Instead of the client's, in milliseconds from now. */
  readonly deadlineMs?: number;
}

const DEFAULT_BASE_URL = 'https://events.pagerduty.com';
/** A Retry-After beyond this is not believed for other callers of the key: a wrong one must not silence it for a day. */
const LONGEST_PAUSE_MS = 600_000;

/** What is sent, and to which of the two addresses. */
interface Outgoing {
  readonly url: string;
  readonly routingKey: string;
  readonly dedupKey: string;
  readonly body: string;
}

/**
 * Sends alert events and change events to PagerDuty's Events API v2. Network errors, timeouts, 429 and 5xx are retried within attempts and a deadline;
 * repeats of alert events are harmless because each has a dedup key. Nothing is logged, and no error carries the routing key.
 */
export class EventsClient {
  private readonly url: string;
  private readonly changeUrl: string;
  private readonly timing: Timing;
  private readonly limiter: KeyedTokenBucket;
  private readonly maxAttempts: number;
  private readonly requestTimeoutMs: number;
  private readonly deadlineMs: number;
  private readonly backoffBaseMs: number;
  private readonly backoffCapMs: number;

  /** @throws RangeError when a limit admits no calls, TypeError when the base URL is none */
  constructor(options: EventsClientOptions = {}) {
    this.url = new URL('/v2/enqueue', options.baseUrl ?? DEFAULT_BASE_URL).href;
    this.changeUrl = new URL('/v2/change/enqueue', this.url).href;
    this.timing = options.timing ?? systemTiming;
    this.maxAttempts = options.maxAttempts ?? 5;
    this.requestTimeoutMs = options.requestTimeoutMs ?? 10_000;
    this.deadlineMs = options.deadlineMs ?? 60_000;
    this.backoffBaseMs = options.backoffBaseMs ?? 500;
    this.backoffCapMs = options.backoffCapMs ?? 30_000;
    const callsPerMinute = options.callsPerMinute ?? 120;
    this.limiter = new KeyedTokenBucket(
      {
        callsPerMinute,
        burst: options.burst ?? Math.max(1, Math.floor(callsPerMinute / 2)),
        maxKeys: options.maxRoutingKeys ?? 10_000,
      },
      this.timing,
    );
  }

  /**
   * Opens an alert, or adds to the open one of the same dedup key.
   * @throws PagerDutyError see its kinds; the signal's reason when aborted
   */
  async trigger(event: TriggerEvent, call?: CallOptions): Promise<EnqueueResult> {
    return this.enqueue(this.alertEvent(event, triggerBody(event)), call);
  }

  /** Marks the alert's incident as acknowledged. PagerDuty drops it silently when no such alert is open. @throws as trigger */
  async acknowledge(reference: AlertReference, call?: CallOptions): Promise<EnqueueResult> {
    return this.enqueue(this.alertEvent(reference, followUpBody('acknowledge', reference)), call);
  }

  /** Closes the alert. PagerDuty drops it silently when no such alert is open. @throws as trigger */
  async resolve(reference: AlertReference, call?: CallOptions): Promise<EnqueueResult> {
    return this.enqueue(this.alertEvent(reference, followUpBody('resolve', reference)), call);
  }

  /**
   * Tells of a change. It counts towards the rate of its routing key. PagerDuty knows no repeats of changes: one that was taken while its answer got lost is shown twice.
   * @throws as trigger
   */
  async change(event: ChangeEvent, call?: CallOptions): Promise<EnqueueResult> {
    const { routingKey } = event;
    return this.enqueue({ url: this.changeUrl, routingKey, dedupKey: '', body: changeBody(event) }, call);
  }

  private alertEvent({ routingKey, dedupKey }: AlertReference, body: string): Outgoing {
    return { url: this.url, routingKey, dedupKey, body };
  }

  private async enqueue(outgoing: Outgoing, call: CallOptions = {}): Promise<EnqueueResult> {
    const { signal } = call;
    const { routingKey } = outgoing;
    const deadline = this.timing.now() + (call.deadlineMs ?? this.deadlineMs);
    let failure: PagerDutyError | undefined;
    for (let attempt = 1; ; attempt++) {
      await this.awaitTurn(routingKey, deadline, failure, signal);
      const timeoutMs = Math.min(this.requestTimeoutMs, deadline - this.timing.now());
      const outcome = await postEvent({
        ...outgoing,
        attempt,
        timeoutMs,
        now: this.timing.now,
        signal,
      });
      if (!(outcome instanceof PagerDutyError)) return outcome;
      failure = outcome;
      if (failure.kind === 'rate_limited' && failure.retryAfterMs !== undefined) {
        this.limiter.pause(routingKey, Math.min(failure.retryAfterMs, LONGEST_PAUSE_MS));
      }
      if (!failure.retryable || attempt >= this.maxAttempts) throw failure;
      const wait =
        failure.retryAfterMs ?? backoffMs(attempt, this.backoffBaseMs, this.backoffCapMs, this.timing.random);
      if (this.timing.now() + wait >= deadline) throw failure;
      await this.abortable(this.timing.sleep(wait, signal), signal);
    }
  }

  /** @throws the last failure, or `deadline` when there was none yet, if the turn comes too late */
  private async awaitTurn(
    routingKey: string,
    deadline: number,
    failure: PagerDutyError | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    signal?.throwIfAborted();
    const turn = await this.abortable(this.limiter.take(routingKey, deadline, signal), signal);
    if (turn.granted) return;
    if (failure) throw failure;
    throw new PagerDutyError('deadline', 'the rate limit of the routing key leaves no call before the deadline', {
      retryAfterMs: Math.ceil(turn.waitMs),
    });
  }

  /** An aborted wait rejects with the signal's own reason, as fetch does: a cancelled activity must see its cancellation. */
  private async abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    try {
      return await work;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }
}
