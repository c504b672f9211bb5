import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { BACKGROUND, ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import type { Bucket } from './core/budget';
import type { Evaluation } from './core/evaluation';
import type { Silence } from './core/freshness';
import { DIMENSIONS, type Measure, nameOf, OBJECTIVE_STATES } from './core/objective';

const text = z.string();
const count = z.coerce.number().pipe(z.int());
const span = { from: z.int(), to: z.int() };
const stage = { process: text, stage: text };
const Counted = z.object({ at: micros, good: count, total: count }) satisfies z.ZodType<Bucket>;

const measureCompleteness = typedQuery(
  'quality/measure_completeness',
  z.object({
    ...span,
    process: text,
    first: z.array(text),
    last: z.array(z.array(text)),
    within: z.int(),
    asOf: z.int(),
  }),
  Counted,
  BACKGROUND,
);
const listSilences = typedQuery(
  'quality/list_silences',
  z.object({ ...span, ...stage, longest: z.int() }),
  z.object({ first: micros, last: micros, silences: z.array(z.tuple([micros, micros])) }),
  BACKGROUND,
);
const Arrivals = z.object({ first: micros, last: micros });
const findArrivals = typedQuery('quality/find_arrivals', z.object({ ...stage, before: z.int() }), Arrivals, BACKGROUND);
const listMeasured = typedQuery('quality/list_measured', z.object({ measure: text, ...span }), Counted);
const Span = z.object({ from: micros, to: micros });
const findMeasured = typedQuery('quality/find_measured', z.object({ measure: text }), Span);
const Stored = z.object({
  evaluatedAt: micros,
  version: z.number(),
  dimension: z.enum(DIMENSIONS),
  state: z.enum(OBJECTIVE_STATES),
  reason: text,
  coversFrom: micros,
  coversTo: micros,
  asOf: micros,
  good: count,
  total: count,
  observations: count,
  target: z.number(),
  budgetLeft: z.number().nullable(),
  burnRate: z.number().nullable(),
  recentFrom: micros,
  projectedAt: micros.nullable(),
  newestAt: micros.nullable(),
}) satisfies z.ZodType<Evaluation>;
const listEvaluations = typedQuery(
  'quality/list_evaluations',
  z.object({ objective: text, before: z.int(), limit: z.int() }),
  Stored,
);
const listLastEvaluations = typedQuery(
  'quality/list_last_evaluations',
  z.object({}),
  z.object({ id: text, at: micros }),
);
const listBudgets = typedQuery(
  'quality/list_budgets',
  z.object({ objectives: z.array(text), from: z.int(), to: z.int() }),
  z.object({
    objective: text,
    evaluatedAt: micros,
    burnRate: z.number().nullable(),
    budgetLeft: z.number().nullable(),
  }),
);

const MeasureRow = z.object({ measure: text, bucket: text, good: z.int(), total: z.int(), measured_to: text });
const MarkRow = z.object({ measure: text, measured_from: text, measured_to: text, marked_at: text });
const EvaluationRow = z.object({
  objective: text,
  evaluated_at: text,
  version: z.int(),
  dimension: text,
  state: text,
  reason: text,
  covers_from: text,
  covers_to: text,
  as_of: text,
  good: z.int(),
  total: z.int(),
  observations: z.int(),
  target: z.number(),
  budget_left: z.number().nullable(),
  burn_rate: z.number().nullable(),
  recent_from: text,
  projected_at: text.nullable(),
  newest_at: text.nullable(),
});

/** Times without an arrival, and when the first and the last in between were. */
export interface Arrived {
  readonly first: Micros;
  readonly last: Micros;
  readonly silences: readonly Silence[];
}
/** What an evaluation said of an error budget; null where there is none. */
export type BudgetAt = z.output<typeof listBudgets.row>;
type Completeness = Extract<Measure, { readonly kind: 'completeness' }>;
type Freshness = Extract<Measure, { readonly kind: 'freshness' }>;

/** What objectives count, and what came of it. */
@Injectable()
export class ObjectiveStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Counts keys that first arrived in [from, to), as known of what was received before `asOf`. */
  countKeys({ process, first, last, within }: Completeness, from: Micros, to: Micros, asOf: Micros): Promise<Bucket[]> {
    const ends = { first: [...first], last: last.map((group) => [...group]) };
    return this.clickhouse.rows(measureCompleteness, { process, ...ends, within, from, to, asOf });
  }

  /** Arrivals in [from, to); undefined where there were none. */
  async arrived({ process, stage, maxAge }: Freshness, from: Micros, to: Micros): Promise<Arrived | undefined> {
    const found = await this.clickhouse.row(listSilences, { process, stage, from, to, longest: maxAge });
    return found && { ...found, silences: found.silences.map(([begin, end]) => ({ from: begin, to: end })) };
  }

  /** The first and the last arrival of all before a time. */
  arrivals({ process, stage }: Freshness, before: Micros): Promise<z.output<typeof Arrivals> | undefined> {
    return this.clickhouse.row(findArrivals, { process, stage, before });
  }

  measured(measure: Measure, from: Micros, to: Micros): Promise<Bucket[]> {
    return this.clickhouse.rows(listMeasured, { measure: nameOf(measure), from, to });
  }

  /** What of a measure has been counted. */
  measuredSpan(measure: Measure): Promise<z.output<typeof Span> | undefined> {
    return this.clickhouse.row(findMeasured, { measure: nameOf(measure) });
  }

  /** A repeat writes the same rows; of a bucket what was measured later counts. */
  async putMeasured(measure: Measure, buckets: readonly Bucket[], measuredTo: Micros): Promise<void> {
    await this.clickhouse.insert(
      'objective_measures',
      MeasureRow,
      buckets.map(({ at, good, total }) => ({
        measure: nameOf(measure),
        bucket: formatInstant(at),
        good,
        total,
        measured_to: formatInstant(measuredTo),
      })),
    );
  }

  async putMeasuredSpan(measure: Measure, from: Micros, to: Micros, at: Micros): Promise<void> {
    const row = { measured_from: formatInstant(from), measured_to: formatInstant(to), marked_at: formatInstant(at) };
    await this.clickhouse.insert('objective_marks', MarkRow, [{ measure: nameOf(measure), ...row }]);
  }

  /** Newest first, of those before a time. */
  evaluations(objective: string, before: Micros, limit: number): Promise<Evaluation[]> {
    return this.clickhouse.rows(listEvaluations, { objective, before, limit });
  }

  /** Of evaluations in (from, to], in the order of their times. */
  budgets(objectives: readonly string[], from: Micros, to: Micros): Promise<BudgetAt[]> {
    return this.clickhouse.rows(listBudgets, { objectives: [...objectives], from, to });
  }

  /** When each objective was evaluated last. */
  async lastEvaluations(): Promise<Map<string, Micros>> {
    return new Map((await this.clickhouse.rows(listLastEvaluations, {})).map(({ id, at }) => [id, at]));
  }

  /** Kept once, however often it is written. */
  async append(objective: string, one: Evaluation): Promise<void> {
    await this.clickhouse.insert('objective_evaluations', EvaluationRow, [
      {
        objective,
        evaluated_at: formatInstant(one.evaluatedAt),
        ...{ version: one.version, dimension: one.dimension, state: one.state, reason: one.reason },
        covers_from: formatInstant(one.coversFrom),
        covers_to: formatInstant(one.coversTo),
        as_of: formatInstant(one.asOf),
        ...{ good: one.good, total: one.total, observations: one.observations, target: one.target },
        budget_left: one.budgetLeft,
        burn_rate: one.burnRate,
        recent_from: formatInstant(one.recentFrom),
        projected_at: one.projectedAt === null ? null : formatInstant(one.projectedAt),
        newest_at: one.newestAt === null ? null : formatInstant(one.newestAt),
      },
    ]);
  }
}
