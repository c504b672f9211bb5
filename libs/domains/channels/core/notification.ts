import type { Micros } from '@holdfast/kernel';

/** Something that people are told through a channel. */
export interface Notification {
  /** The same for a repeat of the same page, such as `<alertId>/L1/R0/T1`; at most 255 characters. */
  readonly key: string;
  readonly alertId: string;
  readonly severity: 'critical' | 'error' | 'warning' | 'info';
  /** One line. */
  readonly title: string;
  /** What the page shows, in order. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly links: readonly { readonly text: string; readonly url: string }[];
  /** Acknowledges in one step; a channel with buttons of its own uses those where they are configured. */
  readonly acknowledgeUrl?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly raisedAt: Micros;
  /** An earlier try may have been delivered: what is not idempotent says that it may be a repeat. */
  readonly mayRepeat: boolean;
}

/** What became of it. */
export interface FollowUp {
  /** The same for a repeat of the same follow-up. */
  readonly key: string;
  readonly alertId: string;
  readonly event: 'acknowledged' | 'resolved';
  readonly by: string;
  /** Of the notification. */
  readonly title: string;
}

/** Whom to tell. */
export interface Destination {
  /** Id of the channel. */
  readonly channel: string;
  /** A person's address on the channel, such as a mail address or the id of a Slack member; where the channel says if there is none. */
  readonly to?: string;
}
