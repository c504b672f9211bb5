import { Inject, Injectable } from '@nestjs/common';
import { Batched, formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import {
  ALERT_STATES,
  type AlertContext,
  type AlertState,
  type AlertToEscalate,
  SEVERITIES,
  type Severity,
  SUBJECT_KINDS,
  type Transition,
} from './core/alert';
import type { SimilarAlert } from './core/page-text';

const Count = z.coerce.number();
const Severities = z.enum(SEVERITIES);
export const Labels = z.record(z.string(), z.string());
/** As it was written by {@link AlertingStore.writeAlerts}. */
export const Context = z
  .string()
  .transform((text): AlertContext | undefined => (text === '' ? undefined : (JSON.parse(text) as AlertContext)));
const Found = z.object({
  id: z.string(),
  fingerprint: z.string(),
  process: z.string(),
  subjectKind: z.enum(SUBJECT_KINDS),
  subjectId: z.string(),
  severity: Severities,
  policy: z.string(),
  policyVersion: Count,
  open: Count,
  revision: Count,
  labels: Labels,
  groupKey: z.string(),
  context: Context,
  raisedAt: micros,
  /** Whether its story has its beginning: whoever wrote the alert may have died before. */
  isBegun: Count.transform((yes) => yes > 0),
  raisedBy: z.string(),
  state: z.enum(ALERT_STATES),
  exhausted: Count.transform((yes) => yes > 0),
  pages: Count,
  acknowledgedAt: micros,
  acknowledgedBy: z.string(),
  acknowledgedVia: z.string(),
  snoozedUntil: micros,
  resolvedAt: micros,
  resolvedBy: z.string(),
  resolvedReason: z.string(),
});
const Kind = z.enum([
  'raised',
  'grouped',
  'paged',
  'page_failed',
  'fell_back',
  'unreachable',
  'timed_out',
  'nobody',
  'exhausted',
  'held',
  'released',
  'handed_over',
  'acknowledged',
  'snoozed',
  'reopened',
  'responders_added',
  'severity_changed',
  'policy_changed',
  'resolved',
  'follow_up_failed',
] satisfies Transition['kind'][]);
const Told = z.object({
  seq: Count,
  kind: Kind,
  at: micros,
  level: Count,
  repeat: Count,
  target: Count,
  routingKey: z.string(),
  channel: z.string(),
  person: z.string(),
  dedupKey: z.string(),
  code: z.string(),
  by: z.string(),
  via: z.string(),
  reason: z.string(),
  until: micros,
  revision: Count,
});
const findAlerts = typedQuery('alerting/find_alerts', z.object({ ids: z.array(z.string()) }), Found);
const listAlerts = typedQuery(
  'alerting/list_alerts',
  z.object({
    process: z.string(),
    state: z.string(),
    severity: z.string(),
    group: z.string(),
    before_at: z.int(),
    before_id: z.string(),
    limit: z.int().max(1001),
  }),
  Found,
);
const listTransitions = typedQuery(
  'alerting/list_transitions',
  z.object({ ids: z.array(z.string()) }),
  Told.extend({ alertId: z.string() }),
);
const listSimilar = typedQuery(
  'alerting/list_similar',
  z.object({
    id: z.string(),
    process: z.string(),
    subject: z.string(),
    fingerprint: z.string(),
    before: z.int(),
    since: z.int(),
    limit: z.int(),
  }),
  z.object({ id: z.string(), raisedAt: micros, resolvedAt: micros, reason: z.string() }),
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
  labels: Labels,
  group_key: z.string(),
  context: z.string(),
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
  channel: z.string(),
  person: z.string(),
  dedup_key: z.string(),
  code: z.string(),
  by: z.string(),
  via: z.string(),
  reason: z.string(),
  delivery_id: z.string(),
  until: z.string(),
  revision: z.int(),
});
/** What a transition holds where its kind has no such thing. */
const NOTHING = {
  level: 0,
  repeat: 0,
  target: 0,
  destination: undefined,
  person: '',
  dedupKey: '',
  code: '',
  by: '',
  via: '',
  reason: '',
  deliveryId: '',
  until: 0,
  revision: 0,
};
export type StoredAlert = z.output<typeof Found>;
export type StoredTransition = z.output<typeof Told>;
export interface AlertFilter {
  readonly state?: AlertState | undefined;
  readonly process?: string | undefined;
  readonly severity?: Severity | undefined;
  /** Key of a group. */
  readonly group?: string | undefined;
}
/** An alert as it is kept: by the version of its policy, in its group ('' for none). */
export interface AlertToKeep {
  readonly alert: AlertToEscalate;
  readonly policyVersion: number;
  readonly group: string;
  readonly context: AlertContext | undefined;
  readonly raisedAt: Micros;
}
/** Alerts that are looked up, and journals that are written, by one statement. */
const MOST_AT_ONCE = 100;

/** The tables of alerting; nobody else reads or writes them. */
@Injectable()
export class AlertingStore {
  private readonly lookUps = new Batched<string, StoredAlert | undefined>(async (ids) => {
    const found = new Map((await this.alertsById([...new Set(ids)])).map((one) => [one.id, one]));
    return ids.map((id) => found.get(id));
  }, MOST_AT_ONCE);
  private readonly stories = new Batched<string, StoredTransition[]>(async (ids) => {
    const found = await this.clickhouse.rows(listTransitions, { ids: [...new Set(ids)] });
    const stories = new Map<string, StoredTransition[]>(ids.map((id) => [id, []]));
    for (const { alertId, ...transition } of found) stories.get(alertId)!.push(transition);
    return ids.map((id) => stories.get(id)!);
  }, MOST_AT_ONCE);
  private readonly writes = new Batched<z.input<typeof TransitionRow>[], void>(async (rows) => {
    await this.clickhouse.insert('alert_transitions', TransitionRow, rows.flat());
    return rows.map(() => undefined);
  }, MOST_AT_ONCE);

  constructor(@Inject(ClickHouse) private readonly clickhouse: ClickHouse) {}

  /** Together with others that are asked for meanwhile: in a storm each of its escalations asks. */
  alert(id: string): Promise<StoredAlert | undefined> {
    return this.lookUps.do(id);
  }

  /** In no order; those that exist. */
  alertsById(ids: readonly string[]): Promise<StoredAlert[]> {
    return this.clickhouse.rows(findAlerts, { ids: [...ids] });
  }

  /** Newest first, of alerts before a place in that order. */
  alerts(filter: AlertFilter, beforeAt: Micros, beforeId: string, limit: number): Promise<StoredAlert[]> {
    return this.clickhouse.rows(listAlerts, {
      process: filter.process ?? '',
      state: filter.state ?? '',
      severity: filter.severity ?? '',
      group: filter.group ?? '',
      before_at: beforeAt,
      before_id: beforeId,
      limit,
    });
  }

  transitions(id: string): Promise<StoredTransition[]> {
    return this.stories.do(id);
  }

  /** Alerts of the same kind and process, of one fingerprint where it is not '', that were raised in a span before; newest first. */
  similar(
    to: { readonly id: string; readonly process: string; readonly subject: string; readonly fingerprint: string },
    span: { readonly before: Micros; readonly since: Micros },
    limit: number,
  ): Promise<SimilarAlert[]> {
    return this.clickhouse.rows(listSimilar, { ...to, ...span, limit });
  }

  /** Idempotent: the table keeps one row of an alert. */
  async writeAlerts(alerts: readonly AlertToKeep[]): Promise<void> {
    const rows = alerts.map(({ alert, policyVersion, group, context, raisedAt }) => ({
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
      labels: alert.labels,
      group_key: group,
      context: context ? JSON.stringify(context) : '',
      raised_at: formatInstant(raisedAt),
    }));
    await this.clickhouse.insert('alerts', AlertRow, rows);
  }

  /** Idempotent: the table keeps one row of a transition's number. */
  async writeTransitions(of: readonly { readonly alertId: string; readonly transition: Transition }[]): Promise<void> {
    await this.writes.do(of.map(({ alertId, transition }) => rowOf(alertId, transition)));
  }
}

function rowOf(alertId: string, transition: Transition): z.input<typeof TransitionRow> {
  const { seq, kind, at, destination, dedupKey, deliveryId, until, ...rest } = { ...NOTHING, ...transition };
  const { level, repeat, target, person, code, by, via, reason, revision } = rest;
  return {
    ...{ alert_id: alertId, seq, kind, at: formatInstant(at), level, repeat, target },
    routing_key: destination?.kind === 'pagerduty' ? destination.routingKey : '',
    channel: destination?.kind === 'channel' ? destination.channel : '',
    ...{ person, dedup_key: dedupKey, code, by, via, reason },
    ...{ delivery_id: deliveryId, until: formatInstant(until), revision },
  };
}
