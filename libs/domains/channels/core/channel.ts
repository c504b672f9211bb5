/** What every channel that has an account states. */
interface Accounted {
  /** Name of an entry of HOLDFAST_CHANNEL_ADDRESSES and HOLDFAST_CHANNEL_SECRETS. */
  readonly account: string;
  /** Messages a minute, instead of what the vendor documents. */
  readonly callsPerMinute?: number | undefined;
}

/** Signed JSON for a system of one's own. */
export interface WebhookChannel extends Accounted {
  readonly kind: 'webhook';
}

/** How people are reached: a versioned document. Secrets and addresses stand in the configuration, under the name that the document says. */
export type ChannelDefinition = WebhookChannel;

export type ChannelKind = ChannelDefinition['kind'];

/** How often a channel may be called, unless it says otherwise: in any minute, and at once after a rest. */
export interface Rate {
  readonly callsPerMinute: number;
  readonly burst: number;
}
