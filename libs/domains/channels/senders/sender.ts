import type { FieldProblem } from '@holdfast/kernel';
import type { ChannelDefinition, ChannelKind, Rate } from '../core/channel';
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
  /** For the whole message, in milliseconds. */
  readonly timeoutMs: number;
}

type Of<K extends ChannelKind> = Extract<ChannelDefinition, { kind: K }>;

/** How one kind of channel says things. */
export interface Sender<K extends ChannelKind> {
  /** As the vendor documents it; undefined where its client counts by itself. */
  readonly rate: Rate | undefined;
  /** Why the channel could not be used as it is configured; none when it can. */
  problems(channel: Of<K>, account: Account): readonly FieldProblem[];
  /** What the rate counts by: the account, where the vendor counts by nothing finer. */
  limitedBy?(route: Route<Of<K>>): string;
  /** @returns what follow-ups need, at most 200 characters @throws DeliveryError */
  notify(route: Route<Of<K>>, notification: Notification): Promise<string>;
  /** @throws DeliveryError */
  followUp(route: Route<Of<K>>, ref: string, followUp: FollowUp): Promise<void>;
}

export type Senders = { readonly [K in ChannelKind]: Sender<K> };

const NO_ADDRESS: FieldProblem = {
  field: 'account',
  reason: 'has no address: HOLDFAST_CHANNEL_ADDRESSES has no such name',
};
const NO_SECRET: FieldProblem = {
  field: 'account',
  reason: 'has no secret: HOLDFAST_CHANNEL_SECRETS has no such name',
};

/** What is missing of an address over HTTP and of a secret. */
export const missing = (
  { address, secrets }: Account,
  needs: { address: boolean; secret: boolean },
): FieldProblem[] => [
  ...(needs.address && address === undefined ? [NO_ADDRESS] : []),
  ...(address !== undefined && !/^https?:/.test(address)
    ? [{ field: 'account', reason: 'has an address that is not http or https' }]
    : []),
  ...(needs.secret && secrets.length === 0 ? [NO_SECRET] : []),
];
