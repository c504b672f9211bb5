import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';

const count = z.coerce.number();
const process = { process: z.string(), from: z.int(), to: z.int() };
const listWindowAccuracy = typedQuery(
  'reconciliation/list_window_accuracy',
  z.object({ ...process, first: z.array(z.string()), asOf: z.int() }),
  z.object({ judgedAt: micros, events: count, wrong: count }),
);
const measureResolutions = typedQuery(
  'reconciliation/measure_resolutions',
  z.object(process),
  z.object({ resolved: count, seconds: z.array(count), open: count }),
);
const listVerdictsSince = typedQuery(
  'reconciliation/list_verdicts_since',
  z.object({ processes: z.array(z.string()), from: z.int(), to: z.int() }),
  z.object({ process: z.string(), reconciliation: z.string(), windowTo: micros, judgedAt: micros, open: count }),
);

/** A revision of the verdict about a window. */
export type JudgedWindow = z.output<typeof listVerdictsSince.row>;
/** What a window's newest verdict says of what was sent. */
export type WindowAccuracy = z.output<typeof listWindowAccuracy.row>;
/** Seconds at 50, 75, 90, 95 and 99 in a hundred. */
export type Resolutions = z.output<typeof measureResolutions.row>;

/** Counts over many windows. */
@Injectable()
export class WindowStatisticsStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  accuracy(
    process: string,
    first: readonly string[],
    from: Micros,
    to: Micros,
    asOf: Micros,
  ): Promise<WindowAccuracy[]> {
    return this.clickhouse.rows(listWindowAccuracy, { process, first: [...first], from, to, asOf });
  }

  /** @param processes none: of all */
  verdictsSince(processes: readonly string[], from: Micros, to: Micros): Promise<JudgedWindow[]> {
    return this.clickhouse.rows(listVerdictsSince, { processes: [...processes], from, to });
  }

  async resolutions(process: string, from: Micros, to: Micros): Promise<Resolutions> {
    return (await this.clickhouse.row(measureResolutions, { process, from, to }))!;
  }
}
