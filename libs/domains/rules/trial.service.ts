import { Injectable } from '@nestjs/common';
import { invalid, type Micros } from '@holdfast/kernel';
import { addTo, expectationsOf } from './baselines';
import { HOUR, hoursBefore, SAMPLED_EVERY } from './core/baseline';
import { type Incident, type PastFiring, replay, type Score, scoreOf } from './core/backtest';
import type { Measured, Moments, Series } from './core/measuring';
import { GRAIN, grainAt, type RuleDefinition, SECOND, type SeriesKey } from './core/rule';
import { type Expectation, type Sample, type SeriesState, step, termsOf } from './core/series';
import { askedOf, samplesOf } from './evaluator';
import { Measuring } from './measuring';
import { RuleService } from './rule.service';
import { MOST_INSTANTS } from './rules.schemas';

/** So many instants are looked at where nobody says how many. */
const USUAL_INSTANTS = 5_760;
const WEEK: Micros = 168 * HOUR;

export interface BacktestTerms {
  readonly rule: RuleDefinition;
  readonly from: Micros;
  readonly to: Micros;
  readonly stepSeconds?: number | undefined;
  readonly incidents: readonly Incident[];
}
export interface Backtest extends Score {
  readonly moments: Moments;
  readonly series: number;
  readonly firings: readonly PastFiring[];
}
type ExpectedAt = (series: SeriesKey, at: Micros) => Expectation | undefined;

/** What a rule would do, and would have done. Nothing is stored, and nobody is told. */
@Injectable()
export class TrialService {
  constructor(
    private readonly rules: RuleService,
    private readonly measuring: Measuring,
  ) {}

  /**
   * What the series of a rule are now, as if they had been so for long enough.
   * @throws DomainError `invalid` as RuleService.mustMakeSense does
   */
  async check(rule: RuleDefinition, now: Micros): Promise<{ at: Micros; states: Map<SeriesKey, SeriesState> }> {
    await this.rules.mustMakeSense(rule);
    const at = grainAt(now);
    const moments = { first: at, step: GRAIN, count: 1 };
    const [measured] = await this.measuring.measure([askedOf({ body: rule })], moments);
    const expected = await this.expectations(rule, moments);
    const samples = samplesOf(rule, measured!, [], 0, (series) => expected(series, at));
    const terms = termsOf({ ...rule, forSeconds: 0, absent: { ...rule.absent, afterSeconds: 0 } }, GRAIN);
    return { at, states: new Map([...samples].map(([key, sample]) => [key, step(undefined, sample, at, terms)])) };
  }

  /**
   * Takes a rule through the past: one query for all of the instants.
   * @throws DomainError `invalid` with code `backtest_in_the_future` or `backtest_failed`; as RuleService.mustMakeSense does
   */
  async backtest({ rule, from, to, stepSeconds, incidents }: BacktestTerms, now: Micros): Promise<Backtest> {
    if (to > now)
      throw invalid('backtest_in_the_future', 'the backtest asks for a time that has not been yet', [
        { field: 'to', reason: 'is after now' },
      ]);
    await this.rules.mustMakeSense(rule);
    const moments = momentsOf(from, to, stepSeconds);
    const [measured] = await this.measuring.measure([askedOf({ body: rule })], moments);
    if (!(measured instanceof Map))
      throw invalid('backtest_failed', 'what the rule measures cannot be measured over so long a time');
    const expected = await this.expectations(rule, moments);
    const terms = termsOf(rule, moments.step);
    const firings = [...measured].flatMap(([series, values]) => {
      const samples = values.map((_, i) => {
        const at = moments.first + i * moments.step;
        return { at, sample: sampleOf(rule, measured, series, i, (key) => expected(key, at)) };
      });
      // A series begins when there is something of it for the first time.
      const begun = values.findIndex(isSomething);
      return replay(series, begun < 0 ? samples : samples.slice(begun), terms).firings;
    });
    const inOrder = firings.toSorted((a, b) => a.since - b.since);
    return { moments, series: measured.size, firings: inOrder, ...scoreOf(inOrder, incidents, to) };
  }

  /** What was to be expected in each hour, of the weeks before it. Firings of the time itself are not left out: the rule did not fire then. */
  private async expectations(rule: RuleDefinition, { first, step, count }: Moments): Promise<ExpectedAt> {
    const { when } = rule;
    if (when.kind !== 'baseline') return () => undefined;
    const last = first + (count - 1) * step;
    const begin = hoursBefore(first, when.historyWeeks)[0]!;
    const history = new Map<SeriesKey, { at: Micros; value: number }[]>();
    const asked = [askedOf({ body: rule })];
    // A week at a time: an instant of five minutes for each of many weeks would be more than one answer should have.
    for (let at = begin; at < last + HOUR; at += WEEK) {
      const moments = { first: at, step: SAMPLED_EVERY, count: WEEK / SAMPLED_EVERY };
      const [measured] = await this.measuring.measure(asked, moments);
      if (measured instanceof Map) addTo(history, measured, (moment) => at + moment * SAMPLED_EVERY);
    }
    const byHour = new Map<Micros, Map<SeriesKey, Expectation | undefined>>();
    return (series, at) => {
      const hour = Math.floor(at / HOUR) * HOUR;
      let known = byHour.get(hour);
      if (!known) {
        const hours = new Set(hoursBefore(hour, when.historyWeeks));
        const own = new Map(
          [...history].map(([key, past]) => [key, past.filter((one) => hours.has(Math.floor(one.at / HOUR) * HOUR))]),
        );
        byHour.set(hour, (known = expectationsOf({ ...rule, when }, own, hour, () => [])));
      }
      return known.get(series);
    };
  }
}

const isSomething = (measured: Measured): boolean => measured !== undefined && measured !== 0;

function sampleOf(
  rule: RuleDefinition,
  measured: Series,
  series: SeriesKey,
  moment: number,
  expected: (series: SeriesKey) => Expectation | undefined,
): Sample {
  return samplesOf(rule, new Map([[series, measured.get(series)!]]), [], moment, expected).get(series)!;
}

/** The instants of [from, to], whole grains. */
function momentsOf(from: Micros, to: Micros, stepSeconds: number | undefined): Moments {
  const usual = Math.ceil((to - from) / USUAL_INSTANTS / GRAIN) * GRAIN;
  const step = stepSeconds === undefined ? usual : stepSeconds * SECOND;
  const first = Math.ceil(from / GRAIN) * GRAIN;
  return { first, step, count: Math.min(MOST_INSTANTS, Math.max(1, Math.floor((to - first) / step) + 1)) };
}
