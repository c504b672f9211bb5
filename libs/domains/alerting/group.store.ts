import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import { AlertingStore, Context, Labels } from './alerting.store';
import { type Resolution, SEVERITIES, SUBJECT_KINDS, type Transition } from './core/alert';

const Member = z.object({
  id: z.string(),
  fingerprint: z.string(),
  process: z.string(),
  subjectKind: z.enum(SUBJECT_KINDS),
  severity: z.enum(SEVERITIES),
  policy: z.string(),
  labels: Labels,
  raisedAt: micros,
  context: Context,
});

const countMembers = typedQuery(
  'alerting/count_members',
  z.object({ group: z.string() }),
  z.object({ open: z.coerce.number(), newestAt: micros }),
);
const listMembers = typedQuery(
  'alerting/list_members',
  z.object({ group: z.string(), limit: z.int().max(10_000) }),
  Member,
);
const tellMembers = typedQuery(
  'alerting/tell_members',
  z.object({
    group: z.string(),
    seq: z.int(),
    kind: z.string(),
    at: z.int(),
    by: z.string(),
    via: z.string(),
    reason: z.string(),
    code: z.string(),
    until: z.int(),
  }),
  z.object({}),
);
const NOTHING = { by: '', via: '', reason: '', code: '', until: 0 };
/** What responders do with a group counts for each of its alerts. */
const TOLD_OF_MEMBERS: ReadonlySet<string> = new Set([
  'acknowledged',
  'snoozed',
  'reopened',
  'resolved',
  'severity_changed',
]);
/** A member's own end has a number of its own, whoever writes it. */
const ENDED = 4_000_000_000;

export type StoredMember = z.output<typeof Member>;

/** The alerts that a group tells of. */
@Injectable()
export class GroupStore {
  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly alerts: AlertingStore,
  ) {}

  /** Alerts of a group that are not resolved. */
  async members(group: string): Promise<{ readonly open: number; readonly newestAt: Micros }> {
    return (await this.clickhouse.row(countMembers, { group })) ?? { open: 0, newestAt: 0 };
  }

  /** The oldest first. */
  openMembers(group: string, limit: number): Promise<StoredMember[]> {
    return this.clickhouse.rows(listMembers, { group, limit });
  }

  /** What happened to a group, told of its members. */
  async tellMembers(group: string, transitions: readonly Transition[]): Promise<void> {
    for (const one of transitions.filter(({ kind }) => TOLD_OF_MEMBERS.has(kind))) {
      const { seq, kind, at, by, via, reason, code, until } = { ...NOTHING, ...one };
      await this.clickhouse.run(tellMembers, { group, seq: seq + 1, kind, at, by, via, reason, code, until });
    }
  }

  /** The end of an alert that a group tells of. */
  endMember(alertId: string, { by, reason, at }: Resolution): Promise<void> {
    return this.alerts.writeTransitions([{ alertId, transition: { kind: 'resolved', by, reason, at, seq: ENDED } }]);
  }
}
