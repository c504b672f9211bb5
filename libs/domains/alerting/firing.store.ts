import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import { Labels } from './alerting.store';
import { SEVERITIES, SUBJECT_KINDS } from './core/alert';

const Firing = z.object({
  id: z.string(),
  process: z.string(),
  subjectKind: z.enum(SUBJECT_KINDS),
  severity: z.enum(SEVERITIES),
  policy: z.string(),
  labels: Labels,
  raisedAt: micros,
});
const listOpen = typedQuery('alerting/list_open', z.object({ limit: z.int() }), Firing);
const listRaised = typedQuery(
  'alerting/list_raised',
  z.object({ from: z.int(), to: z.int(), limit: z.int() }),
  Firing.extend({ endedAt: micros }),
);
const countRaised = typedQuery(
  'alerting/count_raised',
  z.object({ fingerprint: z.string(), from: z.int() }),
  z.object({ raised: z.coerce.number() }),
);

/** Alerts that are looked at together. */
export const MOST_LOOKED_AT = 10_000;

/** What suppression has to know of alerts. */
@Injectable()
export class FiringStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** The oldest first. */
  open(): Promise<z.output<typeof Firing>[]> {
    return this.clickhouse.rows(listOpen, { limit: MOST_LOOKED_AT });
  }

  /** Those that were open at some time within [from, to); `endedAt` 0 where they still are. */
  within(from: Micros, to: Micros): Promise<(z.output<typeof Firing> & { endedAt: Micros })[]> {
    return this.clickhouse.rows(listRaised, { from, to, limit: MOST_LOOKED_AT });
  }

  /** How often a fingerprint was raised from then on. */
  async raisedSince(fingerprint: string, from: Micros): Promise<number> {
    return (await this.clickhouse.row(countRaised, { fingerprint, from }))?.raised ?? 0;
  }
}
