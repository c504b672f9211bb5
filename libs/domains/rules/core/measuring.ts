import type { Micros } from '@holdfast/kernel';
import { byOf, type Dimension, isCount, type Metric, type Selection, type SeriesKey, seriesKey, WHOLE } from './rule';
import type { Fault } from './series';

/** Instants that are measured: `first`, and every `step` behind it. Whole grains. */
export interface Moments {
  readonly first: Micros;
  readonly step: Micros;
  readonly count: number;
}
export const lastOf = ({ first, step, count }: Moments): Micros => first + (count - 1) * step;

/** A metric over the window before an instant. */
export interface Asked {
  readonly metric: Metric;
  readonly window: Micros;
}

/** What was measured at an instant; undefined where there was nothing to measure. */
export type Measured = number | { readonly fault: Fault } | undefined;
/** What was measured of each series, by moment. */
export type Series = Map<SeriesKey, Measured[]>;

/** Records that agree in these, received in the window before a moment. */
export interface Counted extends Readonly<Record<Dimension, string>> {
  readonly status: string;
  readonly outcome: string;
  readonly window: Micros;
  /** From 0. */
  readonly moment: number;
  readonly events: number;
  readonly newestAt: Micros;
}

const NAMES = ['process', 'stage', 'system', 'source', 'type', 'status'] as const;
export const isSelected = (
  selection: Selection,
  record: Omit<Counted, 'window' | 'moment' | 'events' | 'newestAt'>,
): boolean =>
  (selection.outcome ?? 'stored') === record.outcome &&
  NAMES.every((name) => selection[name] === undefined || selection[name] === record[name]);

/** The windows that a metric needs: a change is told from the window and the one before it. */
export const windowsOf = ({ metric, window }: Asked): Micros[] =>
  metric.kind === 'change' ? [window, 2 * window] : [window];

type OfCounts = Extract<Metric, { readonly kind: 'rate' | 'ratio' | 'change' | 'freshness' }>;
export const isOfCounts = (metric: Metric): metric is OfCounts =>
  ['rate', 'ratio', 'change', 'freshness'].includes(metric.kind);

/** What records of one series come to at one moment. */
interface Tally {
  events: number;
  /** Of a ratio the records it is of; of a change those of both windows. */
  of: number;
  newestAt: Micros;
}

/** A metric of counts, from the counts that have its windows. @param counted by window */
export function ofCounts(
  { metric, window }: { readonly metric: OfCounts; readonly window: Micros },
  counted: ReadonlyMap<Micros, readonly Counted[]>,
  moments: Moments,
): Series {
  const tallies = new Map<SeriesKey, (Tally | undefined)[]>();
  const tallyOf = (record: Counted): Tally => {
    const key = metric.by.length === 0 ? WHOLE : seriesKey(metric.by.map((name) => record[name]));
    let series = tallies.get(key);
    if (!series) tallies.set(key, (series = []));
    return (series[record.moment] ??= { events: 0, of: 0, newestAt: 0 });
  };
  for (const record of counted.get(window) ?? []) {
    if (isSelected(metric.events, record)) {
      const tally = tallyOf(record);
      tally.events += record.events;
      tally.newestAt = Math.max(tally.newestAt, record.newestAt);
    }
    if (metric.kind === 'ratio' && isSelected(metric.of, record)) tallyOf(record).of += record.events;
  }
  if (metric.kind === 'change')
    for (const record of counted.get(2 * window) ?? [])
      if (isSelected(metric.events, record)) tallyOf(record).of += record.events;
  return filled(metric, tallies, moments, (tally, at) => valueOf(metric.kind, tally, at));
}

function valueOf(kind: OfCounts['kind'], { events, of, newestAt }: Tally, at: Micros): Measured {
  switch (kind) {
    case 'rate':
      return events;
    case 'freshness':
      return events === 0 ? undefined : Math.max(0, at - newestAt) / 1_000_000;
    case 'ratio':
      return of > 0 ? events / of : events === 0 ? undefined : { fault: 'division_by_zero' };
    case 'change': {
      const before = of - events;
      return before > 0 ? events / before - 1 : events === 0 ? undefined : { fault: 'division_by_zero' };
    }
  }
}

/** Every moment of every series, also those of which nothing was found. A metric that tells nothing apart has its series always. */
export function filled<T>(
  metric: Metric,
  found: ReadonlyMap<SeriesKey, readonly (T | undefined)[]>,
  { first, step, count }: Moments,
  measuredOf: (one: T, at: Micros) => Measured,
): Series {
  const keys = byOf(metric).length === 0 ? [WHOLE] : [...found.keys()];
  const nothing = nothingOf(metric);
  return new Map(
    keys.map((key) => {
      const own = found.get(key);
      const measured = Array.from({ length: count }, (_, i): Measured => {
        const one = own?.[i];
        return one === undefined ? nothing : measuredOf(one, first + i * step);
      });
      return [key, measured];
    }),
  );
}

/** What nothing is of a metric. */
export const nothingOf = (metric: Metric): Measured => (isCount(metric) ? 0 : undefined);

/** Something that has a value from a time on, until its next one. */
export interface Change {
  readonly of: string;
  readonly series: SeriesKey;
  readonly at: Micros;
  readonly value: number;
}

/**
 * Sums of what everything stands at, by moment. Of an only thing it is that thing's value.
 * @param changes in the order of their times; what happened at a moment is in the moment's sum
 */
export function standing(metric: Metric, changes: readonly Change[], moments: Moments): Series {
  const sums = new Map<SeriesKey, number>();
  const values = new Map<string, number>();
  const found = new Map<SeriesKey, (number | undefined)[]>();
  let next = 0;
  for (let i = 0; i < moments.count; i++) {
    for (const at = moments.first + i * moments.step; next < changes.length && changes[next]!.at <= at; next++) {
      const { of, series, value } = changes[next]!;
      sums.set(series, (sums.get(series) ?? 0) + value - (values.get(of) ?? 0));
      values.set(of, value);
    }
    for (const [series, sum] of sums) {
      let own = found.get(series);
      if (!own) found.set(series, (own = []));
      own[i] = sum;
    }
  }
  return filled(metric, found, moments, (sum) => sum);
}
