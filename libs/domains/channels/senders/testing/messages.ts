import { DeliveryError } from '@holdfast/platform/delivery';
import type { FollowUp, Notification } from '../../core/notification';
import type { Account } from '../sender';

export const NOTIFICATION: Notification = {
  ...{ key: 'orders.1/L1/R0/T1', alertId: 'orders.1', severity: 'error', title: '3 orders are <missing> & *late*' },
  facts: [
    { name: 'process', value: 'order-to-cash' },
    { name: 'open', value: '3 <b>' },
  ],
  links: [{ text: 'Alert', url: 'https://holdfast.example/v1/alerts/orders.1?a=1&b="2"' }],
  acknowledgeUrl: 'https://holdfast.example/ack/1',
  labels: { team: 'orders' },
  ...{ raisedAt: 1_800_000_000_000_000, mayRepeat: false },
};

export const followUp = (event: FollowUp['event'], key = `orders.1/${event}`): FollowUp => ({
  ...{ key, alertId: 'orders.1', event, by: 'on-call-a', title: NOTIFICATION.title },
});

export const account = (address: string | undefined, ...secrets: readonly string[]): Account => ({ address, secrets });

/** What a try came to: its value, or the class of its failure with the vendor's code. */
export const outcome = (sent: Promise<unknown>): Promise<unknown> =>
  sent.catch((error: unknown) => {
    if (!(error instanceof DeliveryError)) throw error;
    return [error.kind, error.details.code ?? error.details.status];
  });
