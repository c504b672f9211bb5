import { Injectable } from '@nestjs/common';
import { DomainError, invalid, LastKnown } from '@holdfast/kernel';
import {
  CircuitBreaker,
  CircuitOpenError,
  DeliveryError,
  KeyedTokenBucket,
  systemTiming,
} from '@holdfast/platform/delivery';
import { Accounts } from './accounts';
import { ChannelDocumentsService, problemsOf } from './channel-documents.service';
import { accountNameOf, type ChannelDefinition, type ChannelType, type Rate } from './core/channel';
import type { Destination } from './core/notification';
import { SENDERS } from './senders';
import type { Route, Sender } from './senders/sender';

/** Waiting for a turn in the rate limit, and the message itself, in milliseconds. Who called repeats it: a worker that dies loses no try. */
const [TURN_MS, MESSAGE_MS] = [5_000, 15_000];
/** How long the look-up of a channel may take, in ms; the document that was known last serves then. */
const LOOK_UP_MS = 2_000;
/** A Retry-After beyond this is not believed for other messages. */
const LONGEST_PAUSE_MS = 600_000;
const CIRCUIT = { failures: 5, openMs: 30_000, longestMs: 300_000 };
const MAX_KEYS = 10_000;

type Send<T> = (sender: Sender<ChannelType>, route: Route<ChannelDefinition>) => Promise<T>;

/** The way out: one for each process, since rates and circuits are counted here. */
@Injectable()
export class Outbound {
  private readonly breaker = new CircuitBreaker({ ...CIRCUIT, now: systemTiming.now });
  private readonly known = new LastKnown<Awaited<ReturnType<ChannelDocumentsService['latest']>>>(LOOK_UP_MS);
  private readonly limiters = new Map<string, KeyedTokenBucket>();

  constructor(
    private readonly documents: ChannelDocumentsService,
    private readonly accounts: Accounts,
  ) {}

  /**
   * Tries once, within 20 s. It is never broken off before: whether it was delivered would be unknown.
   * @throws DomainError `unavailable` when a repeat may succeed, `invalid` when none will; the code is that of its class
   */
  async send<T>({ channel: id, to }: Destination, send: Send<T>): Promise<T> {
    const { value: found } = await this.known.get(id, () => this.documents.latest(id));
    if (!found) throw invalid('channel_missing', 'there is no such channel');
    const { body: channel } = found;
    const account = this.accounts.accountOf(channel);
    if (problemsOf(channel, account).length > 0)
      throw invalid('channel_not_configured', 'the configuration has not, or no longer, what the channel needs');
    const sender = SENDERS[channel.type] as Sender<ChannelType>;
    // Each secret may have to be tried.
    const timeoutMs = MESSAGE_MS / Math.max(1, account.secrets.length);
    const route = { channel, account, to, timeoutMs };
    try {
      return await this.breaker.run(id, () => this.inTurn(sender, route, () => send(sender, route)));
    } catch (error) {
      throw problemOf(error);
    }
  }

  private async inTurn<T>(
    sender: Sender<ChannelType>,
    route: Route<ChannelDefinition>,
    send: () => Promise<T>,
  ): Promise<T> {
    const limiter = this.limiterOf(route.channel, sender.rate);
    const key = sender.limitedBy?.(route) ?? accountNameOf(route.channel);
    const turn = await limiter.take(key, systemTiming.now() + TURN_MS);
    if (!turn.granted)
      throw new DeliveryError('rate_limited', 'the turn comes too late', { retryAfterMs: Math.ceil(turn.waitMs) });
    try {
      return await send();
    } catch (error) {
      if (error instanceof DeliveryError && error.kind === 'rate_limited' && error.details.retryAfterMs !== undefined)
        limiter.pause(key, Math.min(error.details.retryAfterMs, LONGEST_PAUSE_MS));
      throw error;
    }
  }

  /** One for each rate: channels of one account share its turns unless they say otherwise. */
  private limiterOf(channel: ChannelDefinition, rate: Rate): KeyedTokenBucket {
    const own = channel.type === 'pagerduty' ? undefined : channel.callsPerMinute;
    const callsPerMinute = own ?? rate.callsPerMinute;
    const burst = Math.min(rate.burst, callsPerMinute - 1);
    const name = `${channel.type}/${callsPerMinute}`;
    const limiter =
      this.limiters.get(name) ?? new KeyedTokenBucket({ callsPerMinute, burst, maxKeys: MAX_KEYS }, systemTiming);
    this.limiters.set(name, limiter);
    return limiter;
  }
}

/** The code says the class; the vendor's own words may quote the message and stay behind. */
function problemOf(error: unknown): unknown {
  if (error instanceof CircuitOpenError)
    return new DomainError('unavailable', 'channel_open', 'the channel has failed several times and rests', {
      retryAfterSeconds: Math.ceil(error.waitMs / 1000),
    });
  if (!(error instanceof DeliveryError)) return error;
  const { kind, details, message } = error;
  const { status, code, retryAfterMs } = details;
  const extra = {
    ...(status !== undefined && { vendorStatus: status }),
    ...(code !== undefined && { vendorCode: code }),
  };
  return new DomainError(error.retryable ? 'unavailable' : 'invalid', `channel_${kind}`, `not delivered: ${message}`, {
    ...(retryAfterMs !== undefined && { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }),
    extra,
  });
}
