import type { Micros } from '@holdfast/kernel';
import type { Destination, Notification } from './notification';

/** A notification without the link that acknowledges in one step: whoever reads it could. */
export type KeptNotification = Omit<Notification, 'acknowledgeUrl'>;

/** A notification that nobody got. */
export interface DeadLetter {
  readonly id: string;
  readonly destination: Destination;
  readonly notification: KeptNotification;
  /** Why. */
  readonly code: string;
  readonly givenUpAt: Micros;
  /** How often somebody tried to send it again. */
  readonly tries: number;
  /** By whom and when that succeeded. */
  readonly replayed: { readonly by: string; readonly at: Micros } | undefined;
}
