import { Inject, Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import type { AlertState, AlertToEscalate, Transition } from './core/alert';

const Count = z.coerce.number();
const Found = z.object({
  id: z.string(),
  fingerprint: z.string(),
  process: z.string(),
  subjectKind: z.enum(['reconciliation', 'finding', 'rule', 'test']),
  subjectId: z.string(),
  severity: z.enum(['critical', 'error', 'warning', 'info']),
  policy: z.string(),
  policyVersion: Count,
  open: Count,
  revision: Count,
  raisedAt: micros,
  raisedBy: z.string(),
  state: z.enum(['open', 'acknowledged', 'resolved']),
  exhausted: Count.transform((yes) => yes > 0),
  pages: Count,
  acknowledgedAt: micros,
  acknowledgedBy: z.string(),
  acknowledgedVia: z.string(),
  resolvedAt: micros,
  resolvedBy: z.string(),
  resolvedReason: z.string(),
});
const Kind = z.enum([
  'raised',
  'paged',
  'page_failed',
  'unreachable',
  'timed_out',
  'exhausted',
  'acknowledged',
  'resolved',
  'follow_up_failed',
]);
const Told = z.object({
  seq: Count,
  kind: Kind,
  at: micros,
  level: Count,
  repeat: Count,
  target: Count,
  routingKey: z.string(),
  dedupKey: z.string(),
  code: z.string(),
  by: z.string(),
  via: z.string(),
  reason: z.string(),
});

const findAlert = typedQuery('alerting/find_alert', z.object({ id: z.string() }), Found);
const listAlerts = typedQuery(
  'alerting/list_alerts',
  z.object({
    process: z.string(),
    state: z.string(),
    before_at: z.int(),
    before_id: z.string(),
    limit: z.int().max(1001),
  }),
  Found,
);
const listTransitions = typedQuery('alerting/list_transitions', z.object({ id: z.string() }), Told);
const findDelivery = typedQuery(
  'alerting/find_delivery',
  z.object({ id: z.string() }),
  z.object({ outcome: z.enum(['accepted', 'ignored']) }),
);

const AlertRow = z.object({
  alert_id: z.string(),
  fingerprint: z.string(),
  process: z.string(),
  subject_kind: z.string(),
  subject_id: z.string(),
  severity: z.string(),
  policy: z.string(),
  policy_version: z.int(),
  open: z.int(),
  revision: z.int(),
  raised_at: z.string(),
});
const TransitionRow = z.object({
  alert_id: z.string(),
  seq: z.int(),
  kind: Kind,
  at: z.string(),
  level: z.int(),
  repeat: z.int(),
  target: z.int(),
  routing_key: z.string(),
  dedup_key: z.string(),
  code: z.string(),
  by: z.string(),
  via: z.string(),
  reason: z.string(),
  delivery_id: z.string(),
});
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

/** What a transition holds where its kind has no such thing. */
const NOTHING = {
  level: 0,
  repeat: 0,
  target: 0,
  routingKey: '',
  dedupKey: '',
  code: '',
  by: '',
  via: '',
  reason: '',
  deliveryId: '',
};

export type StoredAlert = z.output<typeof Found>;
export type StoredTransition = z.output<typeof Told>;
export interface AlertFilter {
  readonly state?: AlertState | undefined;
  readonly process?: string | undefined;
}
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

/** The tables of alerting; nobody else reads or writes them. */
@Injectable()
export class AlertingStore {
  constructor(@Inject(ClickHouse) private readonly clickhouse: ClickHouse) {}

  alert(id: string): Promise<StoredAlert | undefined> {
    return this.clickhouse.row(findAlert, { id });
  }

  /** Newest first, of alerts before a place in that order. */
  alerts(filter: AlertFilter, beforeAt: Micros, beforeId: string, limit: number): Promise<StoredAlert[]> {
    return this.clickhouse.rows(listAlerts, {
      process: filter.process ?? '',
      state: filter.state ?? '',
      before_at: beforeAt,
      before_id: beforeId,
      limit,
    });
  }

  transitions(id: string): Promise<StoredTransition[]> {
    return this.clickhouse.rows(listTransitions, { id });
  }

  /** Idempotent: the table keeps one row of an alert. */
  async writeAlert(alert: AlertToEscalate, policyVersion: number, raisedAt: Micros): Promise<void> {
    await this.clickhouse.insert('alerts', AlertRow, [
      {
        alert_id: alert.alertId,
        fingerprint: alert.fingerprint,
        process: alert.process,
        subject_kind: alert.subject.kind,
        subject_id: alert.subject.id,
        severity: alert.severity,
        policy: alert.policy,
        policy_version: policyVersion,
        open: alert.facts.open,
        revision: alert.facts.revision,
        raised_at: formatInstant(raisedAt),
      },
    ]);
  }

  /** Idempotent: the table keeps one row of a transition's number. */
  async writeTransitions(alertId: string, transitions: readonly Transition[]): Promise<void> {
    const rows = transitions.map((one) => {
      const { seq, kind, at, routingKey, dedupKey, deliveryId, ...rest } = { ...NOTHING, ...one };
      const { level, repeat, target, code, by, via, reason } = rest;
      return {
        alert_id: alertId,
        seq,
        kind,
        at: formatInstant(at),
        level,
        repeat,
        target,
        routing_key: routingKey,
        dedup_key: dedupKey,
        code,
        by,
        via,
        reason,
        delivery_id: deliveryId,
      };
    });
    await this.clickhouse.insert('alert_transitions', TransitionRow, rows);
  }

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
