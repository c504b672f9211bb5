import type { Senders } from './sender';
import { webhookSender } from './webhook';

/** How each kind of channel says things. */
export const SENDERS: Senders = {
  webhook: webhookSender,
};
