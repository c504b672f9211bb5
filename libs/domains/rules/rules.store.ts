import { Injectable } from '@nestjs/common';
import { DomainError, formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import { alertIdOf, type FiringOf, type Span, type Told } from './core/firing';
import type { SeriesKey } from './core/rule';
import { CAUSES, type Fault, SERIES_STATES, type SeriesState } from './core/series';

const text = z.string();
const severity = z.enum(['critical', 'error', 'warning', 'info']);
const Round = z.object({
  round: z.coerce.number(),
  evaluatedAt: micros,
  isEvaluated: z.coerce.boolean(),
  before: micros,
});
const findLastRound = typedQuery('rules/find_last_round', z.object({ at: z.int() }), Round);
const Stored = z.object({
  rule: text,
  series: text,
  version: z.number(),
  state: z.enum(SERIES_STATES),
  since: micros,
  evaluatedAt: micros,
  value: z.number().nullable(),
  expected: z.number().nullable(),
  deviation: z.number().nullable(),
  fault: text,
  held: z.record(text, z.coerce.number()),
  firingSince: micros.nullable(),
  firingFirst: micros.nullable(),
  firingBegun: micros.nullable(),
  cause: z.union([z.enum(CAUSES), z.literal('')]),
  severity: z.union([severity, z.literal('')]),
  clearSince: micros.nullable(),
  seenAt: micros,
  pace: z.coerce.number(),
});
const listStates = typedQuery('rules/list_states', z.object({ round: z.int(), rule: text }), Stored);
const listTold = typedQuery(
  'rules/list_told',
  z.object({ firing: z.array(text) }),
  z.object({ alert: text, isEnded: z.coerce.boolean() }),
);
const listFirings = typedQuery(
  'rules/list_firings',
  z.object({ rules: z.array(text), from: z.int() }),
  z.object({ rule: text, series: text, firedFrom: micros, firedTo: micros }),
);

const StateRow = z.object({
  rule: text,
  series: text,
  round: z.int(),
  evaluated_at: text,
  version: z.int(),
  state: text,
  since: text,
  value: z.number().nullable(),
  expected: z.number().nullable(),
  deviation: z.number().nullable(),
  fault: text,
  held: z.record(text, z.int()),
  firing_since: text.nullable(),
  firing_first: text.nullable(),
  firing_begun: text.nullable(),
  cause: text,
  severity: text,
  clear_since: text.nullable(),
  seen_at: text,
  pace: z.int(),
});
const AlertRow = z.object({
  alert: text,
  step: z.enum(['raised', 'ended']),
  at: text,
  rule: text,
  series: text,
  since: text,
  begun: text,
  cause: text,
  severity: text,
});

/** A series at an instant, with the version of the rule that it was evaluated by. */
export interface StoredState extends SeriesState {
  readonly rule: string;
  readonly series: SeriesKey;
  readonly version: number;
}
/** An evaluation of all rules. */
export interface Round {
  readonly round: number;
  readonly evaluatedAt: Micros;
}

/** What rules came to, and what was told of it. */
@Injectable()
export class RulesStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** The last round, whether this instant was evaluated by any, and the instant of the round before (0: none); undefined where there was none. */
  async lastRound(
    at: Micros,
  ): Promise<(Round & { readonly isEvaluated: boolean; readonly before: Micros }) | undefined> {
    return this.clickhouse.row(findLastRound, { at });
  }

  /** @param rule '' for all */
  async states({ round }: Round, rule = ''): Promise<StoredState[]> {
    return (await this.clickhouse.rows(listStates, { round, rule })).map(stateOf);
  }

  /**
   * Writes a round: all of it or nothing.
   * @throws DomainError `conflict` when somebody else has written it
   */
  async append({ round, evaluatedAt }: Round, rules: number, states: readonly StoredState[]): Promise<void> {
    const own = { series: formatInstant(evaluatedAt), version: rules, rule: '' };
    const rows = [...states.map((state) => rowOf(round, state)), { ...rowOf(round, NO_STATE(evaluatedAt)), ...own }];
    await this.clickhouse.insert('rule_states', StateRow, rows, { token: `round-${round}` });
    const last = await this.lastRound(evaluatedAt);
    if (last?.round !== round || last.evaluatedAt !== evaluatedAt)
      throw new DomainError('conflict', 'rules_evaluated', 'the rules were evaluated by somebody else meanwhile');
  }

  /** Alerts that were told and are not over, and of these firings those that were told. */
  told(firing: readonly FiringOf[]): Promise<Told[]> {
    return this.clickhouse.rows(listTold, { firing: firing.map(alertIdOf) });
  }

  /** A repeat writes the same rows but for the time, and the table keeps one. */
  async addRaised(firings: readonly FiringOf[], at: Micros): Promise<void> {
    await this.add('raised', firings, at);
  }

  /** @param alerts ids of alerts that were told */
  async addEnded(alerts: readonly string[], at: Micros): Promise<void> {
    const rows = alerts.map((alert) => ({
      ...{ alert, step: 'ended' as const, at: formatInstant(at), rule: ruleOf(alert), series: '' },
      ...{ since: formatInstant(0), begun: formatInstant(0), cause: '', severity: '' },
    }));
    await this.clickhouse.insert('rule_alerts', AlertRow, rows);
  }

  /** When series of rules fired behind a time, by rule and series. */
  async firings(rules: readonly string[], from: Micros): Promise<(Span & { rule: string; series: SeriesKey })[]> {
    const rows = await this.clickhouse.rows(listFirings, { rules: [...rules], from });
    return rows.map(({ firedFrom, firedTo, ...of }) => ({ ...of, from: firedFrom, to: firedTo }));
  }

  private async add(step: 'raised', firings: readonly FiringOf[], at: Micros): Promise<void> {
    const rows = firings.map((one) => ({
      ...{ alert: alertIdOf(one), step, at: formatInstant(at), rule: one.rule, series: one.series },
      ...{ since: formatInstant(one.since), begun: formatInstant(one.begun) },
      ...{ cause: one.cause, severity: one.severity },
    }));
    await this.clickhouse.insert('rule_alerts', AlertRow, rows);
  }
}

/** The rule that an alert is of: `rule-<rule>-<14 of the series>.<times>`. */
const ruleOf = (alert: string): string => alert.slice('rule-'.length, alert.lastIndexOf('.') - 15);

const timeOrNull = (at: Micros | undefined): string | null => (at === undefined ? null : formatInstant(at));

const NO_STATE = (at: Micros): StoredState => ({
  ...{ rule: '', series: '', version: 0, state: 'ok', since: at, evaluatedAt: at, value: null, expected: null },
  ...{ fault: '', held: {}, firing: undefined, clearSince: undefined, seenAt: at, pace: 0 },
});

function rowOf(round: number, one: StoredState): z.input<typeof StateRow> {
  const { rule, series, version, state, value, expected, fault, held, firing, clearSince, pace } = one;
  return {
    ...{ rule, series, round, version, state, value, fault, held: { ...held }, pace },
    evaluated_at: formatInstant(one.evaluatedAt),
    since: formatInstant(one.since),
    expected: expected?.median ?? null,
    deviation: expected?.deviation ?? null,
    firing_since: timeOrNull(firing?.since),
    firing_first: timeOrNull(firing?.first),
    firing_begun: timeOrNull(firing?.begun),
    cause: firing?.cause ?? '',
    severity: firing?.severity ?? '',
    clear_since: timeOrNull(clearSince),
    seen_at: formatInstant(one.seenAt),
  };
}

function stateOf(row: z.output<typeof Stored>): StoredState {
  const { firingSince, firingFirst, firingBegun, cause, severity: severe, ...others } = row;
  const { expected, deviation, clearSince, fault, ...rest } = others;
  const isFiring =
    firingSince !== null && firingFirst !== null && firingBegun !== null && cause !== '' && severe !== '';
  return {
    ...rest,
    fault: fault as Fault | '',
    expected: expected === null || deviation === null ? null : { median: expected, deviation },
    firing: isFiring
      ? { since: firingSince, first: firingFirst, begun: firingBegun, cause, severity: severe }
      : undefined,
    clearSince: clearSince ?? undefined,
  };
}
