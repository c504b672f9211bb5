import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';

const findDelivery = typedQuery(
  'alerting/find_delivery',
  z.object({ id: z.string() }),
  z.object({ outcome: z.enum(['accepted', 'ignored']) }),
);

const DeliveryRow = z.object({
  event_id: z.string(),
  event_type: z.string(),
  dedup_key: z.string(),
  alert_id: z.string(),
  outcome: z.enum(['accepted', 'ignored']),
  code: z.string(),
  occurred_at: z.string(),
  received_at: z.string(),
});

export interface Delivery {
  readonly eventId: string;
  readonly eventType: string;
  readonly dedupKey: string;
  readonly alertId: string;
  readonly outcome: 'accepted' | 'ignored';
  /** Why it was ignored; '' when it was not. */
  readonly code: string;
  readonly occurredAt: Micros;
  readonly receivedAt: Micros;
}

/** Webhook events that were dealt with. */
@Injectable()
export class WebhookDeliveryStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  async isDelivered(eventId: string): Promise<boolean> {
    return (await this.clickhouse.row(findDelivery, { id: eventId })) !== undefined;
  }

  async writeDelivery(delivery: Delivery): Promise<void> {
    await this.clickhouse.insert('webhook_deliveries', DeliveryRow, [
      {
        event_id: delivery.eventId,
        event_type: delivery.eventType,
        dedup_key: delivery.dedupKey,
        alert_id: delivery.alertId,
        outcome: delivery.outcome,
        code: delivery.code,
        occurred_at: formatInstant(delivery.occurredAt),
        received_at: formatInstant(delivery.receivedAt),
      },
    ]);
  }
}
