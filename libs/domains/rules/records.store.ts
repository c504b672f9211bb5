import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import { type Counted, lastOf, type Moments } from './core/measuring';
import { GRAIN, type Metric, PERCENTILES, type Percentile, SECOND } from './core/rule';

/** For queries over much that alerts wait for. */
const LIMITS = { seconds: 60, memory: 4_000_000_000 };

const text = z.string();
const texts = z.array(text);
const ints = z.array(z.int());
const count = z.coerce.number();
const span = { from: z.int(), to: z.int(), grain: z.int(), first: z.int(), step: z.int(), moments: z.int() };
const percentiles = z.array(z.number().nullable());
const countRecords = typedQuery(
  'rules/count_records',
  z.object({ ...span, windows: ints, told: texts, processes: texts, outcomes: texts }),
  z.object({
    ...{ process: text, stage: text, source: text, type: text, status: text, outcome: text },
    ...{ window: count, moment: count, events: count, newestAt: micros },
  }),
  LIMITS,
);
const measureNumbers = typedQuery(
  'rules/measure_numbers',
  z.object({
    ...{ ...span, windows: ints, told: texts, paths: z.array(texts), pathOf: ints, bys: z.array(texts) },
    ...{ named: texts, pathsOf: z.array(ints) },
    ...{ processes: texts, stages: texts, sources: texts, types: texts, statuses: texts },
  }),
  z.object({
    ...{ metric: count, process: text, stage: text, source: text, type: text },
    ...{ moment: count, present: count, numbers: count, percentiles },
  }),
  LIMITS,
);
const measureKeys = typedQuery(
  'rules/measure_keys',
  z.object({
    ...{ ...span, reaches: ints, olders: ints, waits: z.array(z.boolean()) },
    ...{ processes: texts, stages: texts, froms: ints, tos: ints, metricsOf: z.array(ints) },
  }),
  z.object({ metric: count, moment: count, waiting: count, arrived: count, percentiles }),
  LIMITS,
);

type OfKeys = Extract<Metric, { readonly kind: 'duration' | 'backlog' }>;
type OfNumbers = Extract<Metric, { readonly kind: 'percentile' }>;
interface Over<M> {
  readonly metric: M;
  readonly window: Micros;
}

/** Numbers of one metric and one combination of what records are told apart by, before a moment. */
export interface Numbers {
  /** Place of the metric. */
  readonly index: number;
  readonly process: string;
  readonly stage: string;
  readonly source: string;
  readonly type: string;
  readonly moment: number;
  /** Records that have something there, and those of them where it is a number. */
  readonly present: number;
  readonly numbers: number;
  readonly percentileOf: (percentile: Percentile) => number | undefined;
}
/** Keys between the two stages of one metric, at a moment. */
export interface Keys {
  readonly index: number;
  readonly moment: number;
  readonly waiting: number;
  readonly arrived: number;
  /** Seconds. */
  readonly percentileOf: (percentile: Percentile) => number | undefined;
}

const grains = (micros: Micros): number => Math.round(micros / GRAIN);

/** What rules measure of records: one query for all metrics of a kind, over all of the moments. */
@Injectable()
export class RecordsStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /**
   * Counts of every window, of every combination of what records are told apart by. A system is not known here.
   * @param processes none: of all
   */
  async counts(
    moments: Moments,
    windows: readonly Micros[],
    told: readonly string[],
    processes: readonly string[],
    outcomes: readonly string[],
  ): Promise<Omit<Counted, 'system'>[]> {
    const rows = await this.clickhouse.rows(countRecords, {
      ...spanOf(moments, Math.max(...windows)),
      windows: windows.map(grains),
      ...{ told: [...told], processes: [...processes], outcomes: [...outcomes] },
    });
    return rows.map((row) => ({ ...row, window: row.window * GRAIN }));
  }

  async numbers(moments: Moments, asked: readonly Over<OfNumbers>[]): Promise<Numbers[]> {
    const of = (name: 'process' | 'stage' | 'source' | 'type' | 'status'): string[] =>
      asked.map(({ metric }) => metric.events[name] ?? '');
    const told = (['stage', 'source', 'type', 'status'] as const).filter(
      (name) =>
        asked.some(({ metric }) => metric.by.some((one) => one === name)) || of(name).some((value) => value !== ''),
    );
    const paths = [...new Set(asked.map(({ metric }) => metric.field))];
    const pathOf = asked.map(({ metric }) => paths.indexOf(metric.field) + 1); // places are counted from 1
    const processes = of('process');
    const named = [...new Set(processes)].filter((id) => id !== '');
    /** Paths that are read in records of a process; in those of any other where it is ''. */
    const pathsOf = (process: string): number[] => [
      ...new Set(pathOf.filter((_, i) => processes[i] === '' || processes[i] === process)),
    ];
    const rows = await this.clickhouse.rows(measureNumbers, {
      ...spanOf(moments, Math.max(...asked.map(({ window }) => window))),
      windows: asked.map(({ window }) => grains(window)),
      told,
      ...{ paths: paths.map((path) => path.split('.')), pathOf, named, pathsOf: [...named, ''].map(pathsOf) },
      bys: asked.map(({ metric }) => [...metric.by]),
      ...{ processes, stages: of('stage'), sources: of('source'), types: of('type'), statuses: of('status') },
    });
    return rows.map(({ metric, percentiles: found, ...row }) => ({
      ...row,
      index: metric - 1,
      percentileOf: (percentile) => found[PERCENTILES.indexOf(percentile)] ?? undefined,
    }));
  }

  async keys(moments: Moments, asked: readonly Over<OfKeys>[]): Promise<Keys[]> {
    const back = asked.map(
      ({ metric, window }) => window + (metric.kind === 'duration' ? metric.withinSeconds * SECOND : 0),
    );
    const processes = [...new Set(asked.map(({ metric }) => metric.process))];
    const stages = [...new Set(asked.flatMap(({ metric }) => [metric.from, metric.to]))];
    const rows = await this.clickhouse.rows(measureKeys, {
      ...spanOf(moments, Math.max(...back)),
      reaches: asked.map(({ window }) => grains(window)),
      olders: asked.map(({ metric }) => (metric.kind === 'backlog' ? grains(metric.olderThanSeconds * SECOND) : 0)),
      waits: asked.map(({ metric }) => metric.kind === 'backlog'),
      ...{ processes, stages },
      // Places are counted from 1.
      froms: asked.map(({ metric }) => stages.indexOf(metric.from) + 1),
      tos: asked.map(({ metric }) => stages.indexOf(metric.to) + 1),
      metricsOf: processes.map((id) => asked.flatMap(({ metric }, i) => (metric.process === id ? [i + 1] : []))),
    });
    return rows.map(({ metric, percentiles: found, ...row }) => ({
      ...row,
      index: metric - 1,
      percentileOf: (percentile) => found[PERCENTILES.indexOf(percentile)] ?? undefined,
    }));
  }
}

/** @param back how far before a moment records count */
const spanOf = (moments: Moments, back: Micros) => ({
  from: moments.first - back,
  to: lastOf(moments),
  grain: GRAIN,
  first: grains(moments.first),
  step: grains(moments.step),
  moments: moments.count,
});
