import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { expectedFrom, HOUR, hoursBefore, type Past, SAMPLED_EVERY } from './core/baseline';
import type { Span } from './core/firing';
import type { Series } from './core/measuring';
import { type Condition, isCount, type RuleDefinition, SECOND, type SeriesKey } from './core/rule';
import type { Expectation } from './core/series';
import { Measuring } from './measuring';
import { RulesStore } from './rules.store';

type Baseline = Extract<Condition, { readonly kind: 'baseline' }>;
interface RuleOf {
  readonly id: string;
  readonly version: number;
  readonly body: RuleDefinition;
}
interface BaselineRule extends RuleOf {
  readonly body: RuleDefinition & { readonly when: Baseline };
}
/** What is expected of a series in the hour of an instant; undefined while that is not known. */
export type Expected = (rule: string, series: SeriesKey) => Expectation | undefined;

/** What a rule's series had in each sampled instant of the past. */
type History = Map<SeriesKey, Past[]>;

const hasBaseline = (rule: RuleOf): rule is BaselineRule => rule.body.when.kind === 'baseline';

/** What rules with a baseline expect: made once an hour of the same hour of the weeks before, for all of them together. */
@Injectable()
export class Baselines {
  private kept = new Map<string, Map<SeriesKey, Expectation | undefined>>();

  constructor(
    private readonly measuring: Measuring,
    private readonly store: RulesStore,
  ) {}

  async at(rules: readonly RuleOf[], at: Micros): Promise<Expected> {
    const hour = Math.floor(at / HOUR) * HOUR;
    const keyOf = ({ id, version }: RuleOf): string => `${id} ${version} ${hour}`;
    const own = rules.filter(hasBaseline);
    const missing = own.filter((rule) => !this.kept.has(keyOf(rule)));
    const made = missing.length === 0 ? [] : await this.make(missing, hour);
    this.kept = new Map(own.map((rule) => [keyOf(rule), this.kept.get(keyOf(rule)) ?? made[missing.indexOf(rule)]!]));
    const byRule = new Map(own.map((rule) => [rule.id, this.kept.get(keyOf(rule))!]));
    return (rule, series) => byRule.get(rule)?.get(series);
  }

  /** @returns by rule, in their order */
  private async make(rules: readonly BaselineRule[], hour: Micros): Promise<Map<SeriesKey, Expectation | undefined>[]> {
    const weeks = Math.max(...rules.map(({ body }) => body.when.historyWeeks));
    const histories = rules.map((): History => new Map());
    for (const begin of hoursBefore(hour, weeks)) {
      const moments = { first: begin, step: SAMPLED_EVERY, count: HOUR / SAMPLED_EVERY };
      const asked = rules.map(({ body }) => ({ metric: body.metric, window: body.windowSeconds * SECOND }));
      const measured = await this.measuring.measure(asked, moments);
      measured.forEach((series, i) => {
        if (series instanceof Map) addTo(histories[i]!, series, (moment) => begin + moment * SAMPLED_EVERY);
      });
    }
    const leftOut = await this.incidents(
      rules.map(({ id }) => id),
      hour,
      weeks,
    );
    return rules.map(({ id, body }, i) => expectationsOf(body, histories[i]!, hour, (series) => leftOut(id, series)));
  }

  /** Times in which series of these rules fired. */
  private async incidents(ids: readonly string[], hour: Micros, weeks: number) {
    const [first] = hoursBefore(hour, weeks);
    const firings = await this.store.firings(ids, first!);
    return (rule: string, series: SeriesKey): Span[] =>
      firings.filter((one) => one.rule === rule && one.series === series);
  }
}

/** Values alone: what was absent or a fault says nothing of what is to be expected. */
export function addTo(history: History, series: Series, atOf: (moment: number) => Micros): void {
  for (const [key, measured] of series) {
    const own = history.get(key) ?? [];
    measured.forEach((value, moment) => {
      if (typeof value === 'number') own.push({ at: atOf(moment), value });
    });
    history.set(key, own);
  }
}

/**
 * What is to be expected of each series in an hour. What was counted before something was ever seen is no history: counts begin at the first that is not 0.
 * @param history of the same hour of past weeks
 */
export function expectationsOf(
  { metric, when, windowSeconds }: RuleDefinition & { readonly when: Baseline },
  history: History,
  hour: Micros,
  leftOut: (series: SeriesKey) => readonly Span[],
): Map<SeriesKey, Expectation | undefined> {
  const counts = isCount(metric);
  const oldest = hoursBefore(hour, when.historyWeeks)[0]!;
  return new Map(
    [...history].map(([series, past]) => {
      const recent = past.filter(({ at }) => at >= oldest);
      const begun = counts ? recent.findIndex(({ value }) => value > 0) : 0;
      const sample = begun < 0 ? [] : recent.slice(begun);
      // A value is of the window before it: it is spoiled for as long as the window reaches into the incident.
      const spoiled = leftOut(series).map(({ from, to }) => ({ from, to: to + windowSeconds * SECOND }));
      return [series, expectedFrom(sample, spoiled, when.minimumWeeks, counts)];
    }),
  );
}
