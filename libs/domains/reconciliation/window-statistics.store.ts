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

  async resolutions(process: string, from: Micros, to: Micros): Promise<Resolutions> {
    return (await this.clickhouse.row(measureResolutions, { process, from, to }))!;
  }
}
