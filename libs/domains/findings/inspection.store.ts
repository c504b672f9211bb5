import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { BACKGROUND, ClickHouse, micros, tooMuch, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import type { ClockSkew, HopEnvelope, ReceiptEnvelope } from './core/clock-skew';
import type { Scope } from './core/finding';
import type { Arrivals } from './core/lull';
import type { Range } from './core/ranges';
import type { Run, SequenceState } from './core/sequence';

/** Sources and processes whose arrivals are read at once. */
export const SOURCES_AT_ONCE = 100;

const text = z.string();
const number = z.coerce.number().pipe(z.int());
const span = { from: z.int(), to: z.int() };
const scope = { source: text, process: text, stage: text };
const numbers = {
  ...scope,
  since: z.int(),
  least: z.int(),
  most: z.int(),
  lows: z.array(z.int()),
  highs: z.array(z.int()),
};
/** Numbers by the ten million in a slice: what fails soon is read in smaller ones. */
const RUNS = { ...BACKGROUND, seconds: 300 };

const listSequenceRuns = typedQuery(
  'findings/list_sequence_runs',
  z.object({ ...span, limit: z.int() }),
  z.object({
    ...scope,
    low: number,
    high: number,
    firstAt: micros,
    lastAt: micros,
    twice: z.array(z.tuple([number, number])),
    type: text,
  }),
  RUNS,
);
const listReceivedNumbers = typedQuery(
  'findings/list_received_numbers',
  z.object(numbers),
  z.object({ low: number, high: number }),
);
const listSharedNumbers = typedQuery(
  'findings/list_shared_numbers',
  z.object({ ...numbers, to: z.int() }),
  z.object({ low: number, high: number, events: number, firstAt: micros, lastAt: micros }),
);
const listSequenceStates = typedQuery(
  'findings/list_sequence_states',
  z.object({}),
  z.object({ ...scope, state: text, inspectedTo: micros }),
);
const findMark = typedQuery(
  'findings/find_mark',
  z.object({ inspection: text }),
  z.object({ inspectedTo: micros, plannedTo: micros }),
);
const findFirstReceipt = typedQuery(
  'findings/find_first_receipt',
  z.object(span),
  z.object({ at: micros }),
  BACKGROUND,
);
const listMismatches = typedQuery(
  'findings/list_mismatches',
  z.object(span),
  z.object({ ...scope, records: number, firstAt: micros, lastAt: micros, type: text }),
  BACKGROUND,
);
const Count = z.object({ source: text, process: text, bucket: micros, arrivals: number });
const countArrivals = typedQuery('findings/count_arrivals', z.object(span), Count, BACKGROUND);
const listArrivals = typedQuery(
  'findings/list_arrivals',
  z.object({ ...span, hours: z.array(z.int()), afterSource: text, afterProcess: text, limit: z.int() }),
  z.object({ source: text, process: text, first: micros, counts: z.array(z.tuple([micros, number])) }),
);
const Ends = z.tuple([number, number]);
const measureReceipts = typedQuery(
  'findings/measure_receipts',
  z.object(span),
  z.object({ source: text, samples: number, ends: Ends }),
  BACKGROUND,
);
const measureHops = typedQuery(
  'findings/measure_hops',
  z.object({ ...span, process: text, stages: z.array(text) }),
  z.object({ source: text, next: text, samples: number, ends: Ends }),
  BACKGROUND,
);
const Skew = z.object({ source: text, hour: micros, offset: number, uncertainty: number, samples: number });
const listClockSkews = typedQuery('findings/list_clock_skews', z.object({ ...span, sources: z.array(text) }), Skew);

const MarkRow = z.object({ inspection: text, inspected_to: text, planned_to: text });
const StateRow = z.object({ ...scope, state: text, inspected_to: text });
const ArrivalRow = z.object({ source: text, process: text, bucket: text, arrivals: z.int() });
const SkewRow = z.object({
  source: text,
  hour: text,
  skew: z.int(),
  uncertainty: z.int(),
  samples: z.int(),
  measured_to: text,
});

export type Inspection = 'sequences' | 'arrivals' | 'clocks' | 'checksums';
export type Mark = z.output<typeof findMark.row>;
export type ScopedRun = Run & Scope & { readonly type: string };
export type ScopedArrivals = Omit<Scope, 'stage'> & Arrivals;
export type MeasuredSkew = z.output<typeof Skew>;
export interface KnownSequence {
  readonly state: SequenceState;
  readonly inspectedTo: Micros;
}

/** Numbers of a scope, and since when they were received. */
export interface NumbersSince {
  readonly scope: Scope;
  readonly ranges: readonly Range[];
  readonly since: Micros;
}

/** What inspections read of the records, and what they keep for the next time. Records are read by queries of this domain alone, for which they were made (docs/adr/0001). */
@Injectable()
export class InspectionStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** How far the inspection has come, and where the slice ends that it has begun behind that; undefined before its first. */
  mark(inspection: Inspection): Promise<Mark | undefined> {
    return this.clickhouse.row(findMark, { inspection });
  }

  /**
   * How far the inspection has come; the first time, to just before the first record of (from, to], so that empty hours are not read one by one, or to the end
   * where there is none. That is kept too: what comes later is inspected whenever that is.
   */
  async markOr(inspection: Inspection, from: Micros, to: Micros): Promise<Mark> {
    const known = await this.mark(inspection);
    if (known) return known;
    const inspectedTo = await this.beginning(from, to);
    await this.putMark(inspection, inspectedTo);
    return { inspectedTo, plannedTo: inspectedTo };
  }

  /** Just before the first record that was received in (from, to], or `to`. */
  async beginning(from: Micros, to: Micros): Promise<Micros> {
    const first = await this.clickhouse.row(findFirstReceipt, { from, to });
    return first ? first.at - 1 : to;
  }

  /** @param plannedTo where a slice ends of which something is about to be written */
  async putMark(inspection: Inspection, to: Micros, plannedTo = to): Promise<void> {
    const row = { inspection, inspected_to: formatInstant(to), planned_to: formatInstant(plannedTo) };
    await this.clickhouse.insert('inspection_marks', MarkRow, [row]);
  }

  /**
   * Of what was received in (from, to].
   * @returns undefined when that is more than the engine can read at once: shorter it may be possible
   */
  async runs(from: Micros, to: Micros, limit: number): Promise<ScopedRun[] | undefined> {
    try {
      const rows = await this.clickhouse.rows(listSequenceRuns, { from, to, limit });
      return rows.map(({ low, high, twice, ...run }) => ({
        ...{ ...run, from: low, to: high },
        twice: twice.map(([first, last]) => ({ from: first, to: last })),
      }));
    } catch (error) {
      if (tooMuch(error)) return undefined;
      throw error;
    }
  }

  async received(asked: NumbersSince): Promise<Range[]> {
    if (asked.ranges.length === 0) return [];
    const rows = await this.clickhouse.rows(listReceivedNumbers, paramsOf(asked));
    return rows.map(({ low, high }) => ({ from: low, to: high }));
  }

  /** Those that two events or more have, of what was received until `to`. */
  async shared(asked: NumbersSince, to: Micros) {
    if (asked.ranges.length === 0) return [];
    const rows = await this.clickhouse.rows(listSharedNumbers, { ...paramsOf(asked), to });
    return rows.map(({ low, high, ...rest }) => ({ ...rest, from: low, to: high }));
  }

  async sequences(): Promise<(Scope & KnownSequence)[]> {
    const rows = await this.clickhouse.rows(listSequenceStates, {});
    return rows.map(({ state, ...rest }) => ({ ...rest, state: JSON.parse(state) as SequenceState }));
  }

  async putSequences(states: readonly (Scope & { readonly state: SequenceState })[], to: Micros): Promise<void> {
    const rows = states.map(({ source, process, stage, state }) => ({
      ...{ source, process, stage },
      state: JSON.stringify(state),
      inspected_to: formatInstant(to),
    }));
    await this.clickhouse.insert('sequence_states', StateRow, rows);
  }

  /** Of what was received in (from, to]. */
  mismatches(from: Micros, to: Micros) {
    return this.clickhouse.rows(listMismatches, { from, to });
  }

  /** Counts what was received in [from, to), whole buckets, and keeps it. @returns how many counts there are */
  async keepArrivals(from: Micros, to: Micros): Promise<number> {
    const counted = await this.clickhouse.rows(countArrivals, { from, to });
    const rows = counted.map(({ bucket, ...rest }) => ({ ...rest, bucket: formatInstant(bucket) }));
    await this.clickhouse.insert('arrival_counts', ArrivalRow, rows);
    return rows.length;
  }

  /** What was kept of [from, to), of these hours of the week: source by source, in pages, since each has more than a thousand counts. */
  async *arrivals(from: Micros, to: Micros, hours: readonly number[]): AsyncGenerator<ScopedArrivals[]> {
    for (let after: Omit<Scope, 'stage'> = { source: '', process: '' }; ;) {
      const place = { afterSource: after.source, afterProcess: after.process, limit: SOURCES_AT_ONCE };
      const rows = await this.clickhouse.rows(listArrivals, { from, to, hours: [...hours], ...place });
      if (rows.length > 0) yield rows.map(({ counts, ...rest }) => ({ ...rest, counts: new Map(counts) }));
      if (rows.length < SOURCES_AT_ONCE) return;
      after = rows.at(-1)!;
    }
  }

  async receipts(from: Micros, to: Micros): Promise<ReceiptEnvelope[]> {
    const rows = await this.clickhouse.rows(measureReceipts, { from, to });
    return rows.map(({ ends: [low, high], ...rest }) => ({ ...rest, low, high }));
  }

  /** @param stages of the process, in their order */
  async hops(process: string, stages: readonly string[], from: Micros, to: Micros): Promise<HopEnvelope[]> {
    const rows = await this.clickhouse.rows(measureHops, { process, stages: [...stages], from, to });
    return rows.map(({ ends: [low, high], ...rest }) => ({ ...rest, low, high }));
  }

  async putSkews(skews: readonly ClockSkew[], hour: Micros, to: Micros): Promise<void> {
    const rows = skews.map(({ source, offset, uncertainty, samples }) => ({
      ...{ source, uncertainty, samples },
      skew: offset,
      hour: formatInstant(hour),
      measured_to: formatInstant(to),
    }));
    await this.clickhouse.insert('clock_skews', SkewRow, rows);
  }

  /** Of hours from `from` to `to`, both included, by source and hour; of all sources where none is named. */
  skews(sources: readonly string[], from: Micros, to: Micros): Promise<MeasuredSkew[]> {
    return this.clickhouse.rows(listClockSkews, { sources: [...sources], from, to });
  }
}

const paramsOf = ({ scope: { source, process, stage }, ranges, since }: NumbersSince) => ({
  ...{ source, process, stage, since },
  least: Math.min(...ranges.map(({ from }) => from)),
  most: Math.max(...ranges.map(({ to }) => to)),
  lows: ranges.map(({ from }) => from),
  highs: ranges.map(({ to }) => to),
});
