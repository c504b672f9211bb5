import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { Baselines } from './baselines';
import { type Measured, nothingOf, type Series } from './core/measuring';
import { type RuleDefinition, SECOND, type SeriesKey, WHOLE } from './core/rule';
import { type Fault, type Sample, scoreOf, type SeriesState, step, termsOf, unwatched } from './core/series';
import { Measuring } from './measuring';
import { type EnabledRule, RuleService } from './rule.service';
import { RulesStore, type StoredState } from './rules.store';

/** A rule of more is an error: it tells apart what nobody can answer. */
const MOST_SERIES = 500;
/** A series that has nothing to measure, and does not fire, is forgotten after this. */
const FORGOTTEN: Micros = 86_400 * SECOND;

/** What an evaluation came to. */
export interface Evaluated {
  /** False where the instant had been evaluated before. */
  readonly isNew: boolean;
  readonly rules: number;
  readonly series: number;
  readonly firing: number;
}

/** Evaluates every rule at an instant. */
@Injectable()
export class Evaluator {
  constructor(
    private readonly rules: RuleService,
    private readonly measuring: Measuring,
    private readonly baselines: Baselines,
    private readonly store: RulesStore,
  ) {}

  /**
   * Nothing is evaluated twice for one instant: the instant stands in the same insert as the states, and the next round begins where that one ended.
   * @param at a whole multiple of `every`
   * @param every what is between two evaluations
   * @throws DomainError `unavailable`; `conflict` when another worker has written the round
   */
  async evaluate(at: Micros, every: Micros): Promise<Evaluated> {
    const last = await this.store.lastRound(at);
    const before = last ? await this.store.states(last) : [];
    const isFiring = ({ firing }: SeriesState): boolean => firing !== undefined;
    // Just before the last one the clock has been put right a little; it is waited for.
    if (last && (last.isEvaluated || (at < last.evaluatedAt && at > last.evaluatedAt - 4 * every)))
      return { isNew: false, rules: 0, series: before.length, firing: before.filter(isFiring).length };
    const rules = await this.rules.enabled();
    const moments = { first: at, step: every, count: 1 };
    const measured = await this.measuring.measure(rules.map(askedOf), moments);
    const expected = await this.baselines.at(rules, at);
    const known = byRule(before);
    const states = rules.flatMap((rule, i) => {
      const own = known.get(rule.id) ?? new Map<SeriesKey, StoredState>();
      const samples = samplesOf(rule.body, measured[i]!, [...own.keys()], 0, (series) => expected(rule.id, series));
      return [...samples].flatMap(([series, sample]) => {
        const state = nextOf(rule, series, own.get(series), sample, at, every);
        return state.firing || at - state.seenAt < FORGOTTEN || series === WHOLE ? [state] : [];
      });
    });
    await this.store.append({ round: (last?.round ?? 0) + 1, evaluatedAt: at }, rules.length, states);
    return { isNew: true, rules: rules.length, series: states.length, firing: states.filter(isFiring).length };
  }
}

export const askedOf = ({ body: { metric, windowSeconds } }: Pick<EnabledRule, 'body'>) => ({
  metric,
  window: windowSeconds * SECOND,
});

/** A rule that was changed begins anew, but for what fires. */
function nextOf(
  { id, version, body }: EnabledRule,
  series: SeriesKey,
  before: StoredState | undefined,
  sample: Sample,
  at: Micros,
  every: Micros,
): StoredState {
  const known = before && before.version !== version ? unwatched(before) : before;
  return { ...step(known, sample, at, termsOf(body, every)), rule: id, series, version };
}

/**
 * What every series of a rule is at a moment: those that were measured, and those that were known and have nothing now.
 * @param moment from 0
 */
export function samplesOf(
  { metric, when }: Pick<RuleDefinition, 'metric' | 'when'>,
  measured: Series | { readonly fault: Fault },
  known: readonly SeriesKey[],
  moment: number,
  expected: (series: SeriesKey) => ReturnType<Awaited<ReturnType<Baselines['at']>>>,
): Map<SeriesKey, Sample> {
  if (!(measured instanceof Map) || measured.size > MOST_SERIES) {
    const fault = measured instanceof Map ? 'too_many_series' : measured.fault;
    return new Map([...new Set([WHOLE, ...known])].map((series) => [series, { is: 'error', fault }]));
  }
  const all = [...new Set([...measured.keys(), ...known])];
  const nothing = nothingOf(metric);
  const samples = all.map((series): [SeriesKey, Sample] => {
    const own: Measured = measured.has(series) ? measured.get(series)![moment] : nothing;
    if (own === undefined) return [series, { is: 'absent' }];
    if (typeof own !== 'number') return [series, { is: 'error', fault: own.fault }];
    if (when.kind === 'threshold') return [series, { is: 'value', value: own, judged: own }];
    const expectation = expected(series);
    if (!expectation) return [series, { is: 'learning', value: own }];
    const judged = scoreOf(own, expectation, when.is);
    return [series, { is: 'value', value: own, judged, expected: expectation }];
  });
  return new Map(samples);
}

function byRule(states: readonly StoredState[]): Map<string, Map<SeriesKey, StoredState>> {
  const found = new Map<string, Map<SeriesKey, StoredState>>();
  for (const state of states) {
    let own = found.get(state.rule);
    if (!own) found.set(state.rule, (own = new Map<SeriesKey, StoredState>()));
    own.set(state.series, state);
  }
  return found;
}
