import type { Severity } from '@holdfast/domains/alerting/core/alert';
import type { Micros } from '@holdfast/kernel';

/** What values are told apart by. A system is that of the event's stage, as the process's document has it. */
export const DIMENSIONS = ['process', 'stage', 'system', 'source', 'type'] as const;
export type Dimension = (typeof DIMENSIONS)[number];
export const STATUSES = ['ok', 'failed', 'cancelled'] as const;
export const OUTCOMES = ['stored', 'duplicate', 'conflict', 'rejected', 'quarantined'] as const;
export const PERCENTILES = [50, 75, 90, 95, 99, 99.9] as const;
export type Percentile = (typeof PERCENTILES)[number];

/** Records that are meant: all, but for what is said. Of `stored` ones tests and probes do not count. */
export interface Selection {
  readonly process?: string | undefined;
  readonly stage?: string | undefined;
  readonly system?: string | undefined;
  readonly source?: string | undefined;
  readonly type?: string | undefined;
  readonly status?: (typeof STATUSES)[number] | undefined;
  /** `stored` where nothing is said. */
  readonly outcome?: (typeof OUTCOMES)[number] | undefined;
}
interface OfRecords {
  readonly events: Selection;
  /** At most two; a series for each pair of values. */
  readonly by: readonly Dimension[];
}
/** From one stage of a process to another. */
interface OfKeys {
  readonly process: string;
  readonly from: string;
  readonly to: string;
}

/** What a rule measures, over the window before an instant. */
export type Metric =
  /** Records. */
  | ({ readonly kind: 'rate' } & OfRecords)
  /** Records of one selection for each record of another. */
  | ({ readonly kind: 'ratio'; readonly of: Selection } & OfRecords)
  /** How much more records there are than in the window before: 0.5 for half as much again, -1 for none any more. */
  | ({ readonly kind: 'change' } & OfRecords)
  /** Seconds since the newest record. */
  | ({ readonly kind: 'freshness' } & OfRecords)
  /** Of a number in the data, by its path. */
  | ({ readonly kind: 'percentile'; readonly field: string; readonly percentile: Percentile } & OfRecords)
  /** Seconds from one stage's stamp to the other's, of keys that came to the other, and to the one so long before at most. */
  | ({ readonly kind: 'duration'; readonly percentile: Percentile; readonly withinSeconds: number } & OfKeys)
  /** Keys that came to one stage so long ago, and not to the other. */
  | ({ readonly kind: 'backlog'; readonly olderThanSeconds: number } & OfKeys)
  /** Of the newest verdicts of windows that ended: open discrepancies, or windows that have any. */
  | {
      readonly kind: 'verdict';
      readonly counts: 'discrepancies' | 'windows';
      readonly process?: string | undefined;
      readonly by: readonly 'process'[];
    }
  /** Findings that are open. */
  | {
      readonly kind: 'findings';
      readonly finding?: string | undefined;
      readonly process?: string | undefined;
      readonly by: readonly 'process'[];
    }
  /** Of an objective's newest evaluation: how fast its error budget burns, or the share of it that is left. */
  | { readonly kind: 'budget'; readonly objective: string; readonly shows: 'burn-rate' | 'left' };
export type MetricKind = Metric['kind'];

/** From where on a value is how severe. Of a baseline: in robust standard deviations from what is expected. */
export interface Band {
  readonly severity: Severity;
  readonly at: number;
}

/** What is to be told of. */
export type Condition =
  | {
      readonly kind: 'threshold';
      readonly is: 'above' | 'below';
      readonly bands: readonly Band[];
      /** Hysteresis: what fires goes on until the value has come back so far; to the least band where nothing is said. */
      readonly clear?: number | undefined;
    }
  | {
      readonly kind: 'baseline';
      readonly is: 'above' | 'below' | 'either';
      readonly bands: readonly Band[];
      readonly clear?: number | undefined;
      /** Weeks that the expectation is made of, at most and at least. */
      readonly historyWeeks: number;
      readonly minimumWeeks: number;
    };

/** What becomes of a series when there is nothing to measure: an alert of its own, nothing (what fires goes on), or it counts as being well. */
export interface AbsentPolicy {
  readonly policy: 'alert' | 'keep' | 'ok';
  readonly afterSeconds: number;
  readonly severity: Severity;
}

/** A document of the register. */
export interface RuleDefinition {
  readonly description?: string | undefined;
  readonly metric: Metric;
  readonly windowSeconds: number;
  readonly when: Condition;
  /** A value fires when it has been so for this long. */
  readonly forSeconds: number;
  /** What fires goes on until it has been well for this long. */
  readonly keepFiringSeconds: number;
  readonly absent: AbsentPolicy;
  readonly labels: Readonly<Record<string, string>>;
  readonly owner?: string | undefined;
  readonly runbook?: string | undefined;
  /** Who is told; where nobody is, firings are kept and shown. */
  readonly escalationPolicy?: string | undefined;
  /** Whether it is evaluated by itself. */
  readonly enabled: boolean;
}

export const SECOND: Micros = 1_000_000;
/** Rules are evaluated at whole multiples of this, and windows are of whole multiples. */
export const GRAIN: Micros = 15 * SECOND;
/** The last whole grain. */
export const grainAt = (at: Micros): Micros => Math.floor(at / GRAIN) * GRAIN;

/** Values of `by`, in its order, as the name of a series. */
export type SeriesKey = string;
export const seriesKey = (values: readonly string[]): SeriesKey => JSON.stringify(values);
export const valuesOf = (series: SeriesKey): string[] => JSON.parse(series) as string[];
/** Of a rule that tells nothing apart. */
export const WHOLE: SeriesKey = '[]';

export const byOf = (metric: Metric): readonly Dimension[] => ('by' in metric ? metric.by : []);
/** What a series is of, by what the rule tells apart. */
export function namesOf(metric: Metric, series: SeriesKey): Record<string, string> {
  const values = valuesOf(series);
  return Object.fromEntries(byOf(metric).map((name, i) => [name, values[i] ?? '']));
}
/** Whether nothing is a number: counts of nothing are 0, everything else of nothing is absent. */
export const isCount = ({ kind }: Metric): boolean => ['rate', 'backlog', 'verdict', 'findings'].includes(kind);

/** The process that a series is of; '' for several. */
export function processOf(metric: Metric, series: SeriesKey): string {
  const at = byOf(metric).indexOf('process');
  if (at >= 0) return valuesOf(series)[at] ?? '';
  if (metric.kind === 'budget') return '';
  return ('events' in metric ? metric.events.process : metric.process) ?? '';
}
