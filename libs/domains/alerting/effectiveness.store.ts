import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import { SEVERITIES } from './core/alert';
import type { PageToPerson, Seconds } from './core/effectiveness';

const Count = z.coerce.number();
const span = { from: z.int(), to: z.int(), process: z.string(), policy: z.string() };
/** Median and 90th percentile; the engine says 0 of nothing. */
const Quantiles = z.tuple([z.number(), z.number()]);
const times = ([median, p90]: z.output<typeof Quantiles>, of: number): Seconds | undefined =>
  of === 0 ? undefined : { median, p90 };

const measureAnswers = typedQuery(
  'alerting/measure_answers',
  z.object(span),
  z
    .object({
      dimension: z.enum(['all', 'severity', 'policy', 'process', 'source']),
      name: z.string(),
      alerts: Count,
      acknowledged: Count,
      engaged: Count,
      resolved: Count,
      healedUnseen: Count,
      secondsToFirstAck: Quantiles,
      secondsToEngage: Quantiles,
      secondsToResolve: Quantiles,
      secondsToHeal: Quantiles,
    })
    .transform((row) => ({
      ...row,
      secondsToFirstAck: times(row.secondsToFirstAck, row.acknowledged),
      secondsToEngage: times(row.secondsToEngage, row.engaged),
      secondsToResolve: times(row.secondsToResolve, row.resolved),
      secondsToHeal: times(row.secondsToHeal, row.healedUnseen),
    })),
);
const AnsweredAlert = z.object({
  id: z.string(),
  severity: z.enum(SEVERITIES),
  policy: z.string(),
  process: z.string(),
  source: z.string(),
  raisedAt: micros,
  acknowledgedAt: micros,
  engagedAt: micros,
  resolvedAt: micros,
  resolvedReason: z.string(),
});
const listAnswers = typedQuery(
  'alerting/list_answers',
  z.object({ ...span, before_at: z.int(), before_id: z.string(), limit: z.int().max(1001) }),
  AnsweredAlert,
);
const listPages = typedQuery('alerting/list_pages', z.object(span), z.object({ person: z.string(), at: micros }));
const listFlapping = typedQuery(
  'alerting/list_flapping',
  z.object({ ...span, least: z.int() }),
  z.object({ fingerprint: z.string(), process: z.string(), raised: Count, mostInAnHour: Count }),
);
const measureHolds = typedQuery(
  'alerting/measure_holds',
  z.object({ ...span, as_of: z.int() }),
  z.object({ reason: z.string(), by: z.string(), alerts: Count, holds: Count, seconds: z.number() }),
);
const findGroupAlert = typedQuery(
  'alerting/find_group_alert',
  z.object({ group: z.string() }),
  z.object({ id: z.string() }),
);

/** [from, to), of one process and one policy where they are not ''. */
export interface Measured {
  readonly from: Micros;
  readonly to: Micros;
  readonly process: string;
  readonly policy: string;
}
export type StoredAnswers = z.output<typeof AnsweredAlert>;

/** What alerts and their transitions say of how well alerting works. */
@Injectable()
export class EffectivenessStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** All, then by severity, policy, process and source, each with the most frequent first. */
  answers(of: Measured) {
    return this.clickhouse.rows(measureAnswers, { ...of });
  }

  /** Newest first, of alerts before a place in that order. */
  answersOfEach(of: Measured, beforeAt: Micros, beforeId: string, limit: number): Promise<StoredAnswers[]> {
    return this.clickhouse.rows(listAnswers, { ...of, before_at: beforeAt, before_id: beforeId, limit });
  }

  /** By person ('' for nobody in particular) and time, in batches. */
  pages(of: Measured): AsyncGenerator<PageToPerson[]> {
    return this.clickhouse.stream(listPages, { ...of });
  }

  /** @param least raises in one hour */
  flapping(of: Measured, least: number) {
    return this.clickhouse.rows(listFlapping, { ...of, least });
  }

  /** @param asOf until when holds that go on count */
  holds(of: Measured, asOf: Micros) {
    return this.clickhouse.rows(measureHolds, { ...of, as_of: asOf });
  }

  /** The alert that stands for a group now, or stood for it last. */
  async groupAlert(group: string): Promise<string | undefined> {
    return (await this.clickhouse.row(findGroupAlert, { group }))?.id;
  }
}
