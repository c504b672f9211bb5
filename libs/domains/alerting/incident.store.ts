import { Injectable } from '@nestjs/common';
import { Batched } from '@holdfast/kernel';
import { ClickHouse, typedQuery } from '@holdfast/platform/clickhouse';
import type { PagerDutyIncident } from '@holdfast/platform/pagerduty';
import { z } from 'zod';

const findIncidents = typedQuery(
  'alerting/find_incidents',
  z.object({ keys: z.array(z.string()) }),
  z.object({ dedupKey: z.string(), id: z.string(), number: z.coerce.number(), url: z.string() }),
);
const IncidentRow = z.object({ dedup_key: z.string(), incident: z.string(), number: z.int(), url: z.string() });

/** Alerts whose incidents are looked up by one statement. */
const MOST_AT_ONCE = 100;

/** Incidents of PagerDuty by the dedup keys of pages. */
@Injectable()
export class IncidentStore {
  private readonly lookUps = new Batched<readonly string[], ReadonlyMap<string, PagerDutyIncident>>(async (asked) => {
    const found = await this.clickhouse.rows(findIncidents, { keys: [...new Set(asked.flat())] });
    const known = new Map(found.map(({ dedupKey, ...incident }) => [dedupKey, incident]));
    return asked.map((keys) => new Map([...known].filter(([key]) => keys.includes(key))));
  }, MOST_AT_ONCE);

  constructor(private readonly clickhouse: ClickHouse) {}

  /** Of those that are known. */
  async incidents(keys: readonly string[]): Promise<ReadonlyMap<string, PagerDutyIncident>> {
    return keys.length === 0 ? new Map() : this.lookUps.do(keys);
  }

  /** Idempotent: the table keeps one row of a key. */
  async write(dedupKey: string, { id, number, url }: PagerDutyIncident): Promise<void> {
    await this.clickhouse.insert('pagerduty_incidents', IncidentRow, [
      { dedup_key: dedupKey, incident: id, number, url },
    ]);
  }
}
