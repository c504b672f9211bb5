import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { BACKGROUND, ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import type { MeasuredWay, Way } from './core/kpi';

const text = z.string();
const count = z.coerce.number();
const span = { from: z.int(), to: z.int() };
const texts = z.array(text);

const listArrivalHours = typedQuery(
  'quality/list_arrival_hours',
  z.object(span),
  z.object({ process: text, hour: micros }),
  BACKGROUND,
);
const listTakenBackHours = typedQuery(
  'quality/list_taken_back_hours',
  z.object({ ...span, since: z.int() }),
  z.object({ process: text, hour: micros }),
  BACKGROUND,
);
const findFirstArrival = typedQuery('quality/find_first_arrival', z.object(span), z.object({ at: micros }), BACKGROUND);
const measureHops = typedQuery(
  'quality/measure_hops',
  z.object({
    ...{ process: text, stages: texts, fromNames: texts, toNames: texts },
    ...{ fromStages: z.array(texts), toGroups: z.array(z.array(texts)) },
    ...{ hour: z.int(), until: z.int(), measuredTo: z.int() },
  }),
  z.never(),
  BACKGROUND,
);
const findKpiMark = typedQuery('quality/find_kpi_mark', z.object({}), z.object({ to: micros }));
const Summed = z.object({ fromStage: text, toStage: text, keys: count, reversed: count, took: z.array(z.number()) });
const sumHops = typedQuery('quality/sum_hops', z.object({ process: text, ...span }), Summed);
const listThroughput = typedQuery(
  'quality/list_throughput',
  z.object({ process: text, first: text, last: text, ...span }),
  z.object({ at: micros, keys: count }),
);
const Standing = z.object({
  came: count,
  gone: count,
  ages: z.array(count),
  byAge: z.array(count),
  oldest: count,
});
const sumStanding = typedQuery(
  'quality/sum_standing',
  z.object({ process: text, fromStage: text, toStage: text, ...span, asOf: z.int() }),
  Standing,
);
const MarkRow = z.object({ mark: text, measured_to: text });

/** Measured keys between two stages; microseconds at the levels that the table has. */
export type Summed = z.output<typeof Summed>;
/** Keys that came to a stage, and those that have gone on; ages of the others in seconds. */
export type Standing = z.output<typeof Standing>;

/** The KPIs' aggregates, which are made of records hour by hour. */
@Injectable()
export class KpiStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  arrivalHours(from: Micros, to: Micros): Promise<{ process: string; hour: Micros }[]> {
    return this.clickhouse.rows(listArrivalHours, { from, to });
  }

  /** In which hours, not before `since`, keys came of which in [from, to) something was taken back or came again after that. */
  takenBackHours(from: Micros, to: Micros, since: Micros): Promise<{ process: string; hour: Micros }[]> {
    return this.clickhouse.rows(listTakenBackHours, { from, to, since });
  }

  /** When the first record came of those received in [from, to); undefined for none. */
  async firstArrival(from: Micros, to: Micros): Promise<Micros | undefined> {
    return (await this.clickhouse.row(findFirstArrival, { from, to }))?.at;
  }

  /**
   * Measures the arrivals of an hour in [hour, until) anew, from what was received before `measuredTo`. One insert: all of it is there or nothing. A repeat writes the
   * same rows, and what is measured later replaces what was before.
   */
  async measure(
    process: string,
    stages: readonly string[],
    ways: readonly MeasuredWay[],
    hour: Micros,
    until: Micros,
    measuredTo: Micros,
  ): Promise<void> {
    const [fromNames, toNames] = [ways.map(({ from }) => from), ways.map(({ to }) => to)];
    const fromStages = ways.map((way) => [...way.fromStages]);
    const toGroups = ways.map((way) => way.toGroups.map((group) => [...group]));
    await this.clickhouse.run(measureHops, {
      ...{ process, stages: [...stages], fromNames, toNames, fromStages, toGroups, hour, until, measuredTo },
    });
  }

  /** Up to when arrivals are measured; undefined before the first time. */
  async mark(): Promise<Micros | undefined> {
    return (await this.clickhouse.row(findKpiMark, {}))?.to;
  }

  async putMark(to: Micros): Promise<void> {
    await this.clickhouse.insert('kpi_marks', MarkRow, [{ mark: 'kpis', measured_to: formatInstant(to) }]);
  }

  /** Whole hours [from, to). */
  hops(process: string, from: Micros, to: Micros): Promise<Summed[]> {
    return this.clickhouse.rows(sumHops, { process, from, to });
  }

  /** By hour that had any. */
  throughput(process: string, { from: first, to: last }: Way, from: Micros, to: Micros) {
    return this.clickhouse.rows(listThroughput, { process, first, last, from, to });
  }

  /** Of keys that came to a hop's first stage in the hours of [from, to), at a time. */
  async standing(process: string, hop: Way, from: Micros, to: Micros, asOf: Micros): Promise<Standing> {
    const [fromStage, toStage] = [hop.from, hop.to];
    return (await this.clickhouse.row(sumStanding, { process, fromStage, toStage, from, to, asOf }))!;
  }
}
