import type { FieldProblem } from '@holdfast/kernel';
import type { ChannelDefinition, ChannelType, Rate } from '../core/channel';
import type { FollowUp, Notification } from '../core/notification';

/** What the configuration knows of a channel's account. */
export interface Account {
  /** Undefined where the configuration has none, and the vendor has one for everybody. */
  readonly address: string | undefined;
  /** One, or two while one replaces the other, the newer first; none where there is none. */
  readonly secrets: readonly string[];
}

/** The way of one message. */
export interface Route<C> {
  readonly channel: C;
  readonly account: Account;
  /** A person's address on the channel. */
  readonly to: string | undefined;
  /** For the whole message with one secret, in milliseconds. */
  readonly timeoutMs: number;
}

type Of<K extends ChannelType> = Extract<ChannelDefinition, { type: K }>;

/** How one kind of channel says things. */
export interface Sender<K extends ChannelType> {
  /** As the vendor documents it, or less where it documents none. */
  readonly rate: Rate;
  /** Why the channel could not be used as it is configured; none when it can. */
  problems(channel: Of<K>, account: Account): readonly FieldProblem[];
  /** What the rate counts by; the account where the vendor counts by nothing finer. */
  limitedBy?(route: Route<Of<K>>): string;
  /** @returns what follow-ups need, at most 200 characters @throws DeliveryError */
  notify(route: Route<Of<K>>, notification: Notification): Promise<string>;
  /** @throws DeliveryError */
  followUp(route: Route<Of<K>>, ref: string, followUp: FollowUp): Promise<void>;
}

export type Senders = { readonly [K in ChannelType]: Sender<K> };

/** What is missing of an address over HTTP and of secrets that look right. */
export function missing(
  { address, secrets }: Account,
  needs: { readonly address?: boolean; readonly secret?: RegExp },
): FieldProblem[] {
  const reasons: string[] = [];
  if (needs.address && address === undefined)
    reasons.push('has no address: HOLDFAST_CHANNEL_ADDRESSES has no such name');
  if (address !== undefined && !/^https?:/.test(address)) reasons.push('has an address that is not http or https');
  if (needs.secret && secrets.length === 0) reasons.push('has no secret: HOLDFAST_CHANNEL_SECRETS has no such name');
  if (secrets.some((secret) => needs.secret && !needs.secret.test(secret)))
    reasons.push('has a secret that is not of the form that this kind of channel needs');
  return reasons.map((reason) => ({ field: 'account', reason }));
}

/** `user:password`, as HTTP and SMTP have it. */
export const LOGIN = /^[^:\s][^:]*:.+$/;
/** A secret of any form. */
export const ANY = /./;
