import { Injectable } from '@nestjs/common';
import { ClickHouse, typedQuery } from '@holdfast/platform/clickhouse';
import type { PagerDutyIncident } from '@holdfast/platform/pagerduty';
import { z } from 'zod';

const findIncidents = typedQuery(
  'alerting/find_incidents',
  z.object({ keys: z.array(z.string()) }),
  z.object({ dedupKey: z.string(), id: z.string(), number: z.coerce.number(), url: z.string() }),
);
const IncidentRow = z.object({ dedup_key: z.string(), incident: z.string(), number: z.int(), url: z.string() });

/** Incidents of PagerDuty by the dedup keys of pages. */
@Injectable()
export class IncidentStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Of those that are known. */
  async incidents(keys: readonly string[]): Promise<Map<string, PagerDutyIncident>> {
    if (keys.length === 0) return new Map();
    const found = await this.clickhouse.rows(findIncidents, { keys: [...keys] });
    return new Map(found.map(({ dedupKey, ...incident }) => [dedupKey, incident]));
  }

  /** Idempotent: the table keeps one row of a key. */
  async write(dedupKey: string, { id, number, url }: PagerDutyIncident): Promise<void> {
    await this.clickhouse.insert('pagerduty_incidents', IncidentRow, [
      { dedup_key: dedupKey, incident: id, number, url },
    ]);
  }
}
