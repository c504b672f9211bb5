import type { AlertContext, AlertToEscalate } from '@holdfast/domains/alerting/core/alert';
import type { Micros } from '@holdfast/kernel';
import { type Metric, namesOf, processOf, type RuleDefinition, type SeriesKey } from './rule';
import type { Firing, SeriesState } from './series';

/** A firing of a series, with what tells it apart. */
export interface FiringOf extends Firing {
  readonly rule: string;
  readonly series: SeriesKey;
}

/** What is the same for every firing of a series. FNV-1a over the values: 2 times 32 bits, so that two series of a rule do not meet. */
export const fingerprintOf = (rule: string, series: SeriesKey): string =>
  `rule-${rule}-${fnv(series, 2_166_136_261)}${fnv(series, 3_735_928_559)}`;

/** Source: Fowler, Noll, Vo; prime 16777619. */
function fnv(text: string, basis: number): string {
  let hash = basis;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619);
  return (hash >>> 0).toString(36).padStart(7, '0');
}

/**
 * Names the alert: the same for the same firing, so that it is raised once. `<fingerprint>.<first>`, and `<fingerprint>.<first>~<since>` of one that took the place of
 * a lesser one: up to `~` they are the same, and count as raised once.
 */
export function alertIdOf({ rule, series, since, first }: FiringOf): string {
  const id = `${fingerprintOf(rule, series)}.${first.toString(36)}`;
  return since === first ? id : `${id}~${since.toString(36)}`;
}

/** A firing that was told, by the id of its alert. */
export interface Told {
  readonly alert: string;
  readonly isEnded: boolean;
}
export interface Owed<T> {
  readonly raise: readonly T[];
  /** Ids of alerts. */
  readonly end: readonly string[];
}

/** State against state: what fires and was not told is to be raised; what was told and fires no longer is to be ended. */
export function owedOf<T extends FiringOf>(firing: readonly T[], told: readonly Told[]): Owed<T> {
  const known = new Set(told.map(({ alert }) => alert));
  const current = new Set(firing.map(alertIdOf));
  return {
    raise: firing.filter((one) => !known.has(alertIdOf(one))),
    end: told.filter(({ alert, isEnded }) => !isEnded && !current.has(alert)).map(({ alert }) => alert),
  };
}

/** As escalation takes it: ids and counts only. */
export function alertOf(
  { metric, escalationPolicy = '', labels }: RuleDefinition,
  firing: FiringOf,
  { value }: Pick<SeriesState, 'value'>,
): AlertToEscalate {
  const { rule, series, severity } = firing;
  return {
    alertId: alertIdOf(firing),
    fingerprint: fingerprintOf(rule, series),
    process: processOf(metric, series),
    subject: { kind: 'rule', id: rule },
    severity,
    policy: escalationPolicy,
    labels: { ...namesOf(metric, series), ...labels },
    facts: { open: Math.max(0, Math.round(value ?? 0)), revision: 0 },
  };
}

/** What people are told beside it. */
export function contextOf(
  { owner, runbook, metric }: RuleDefinition,
  firing: FiringOf,
  state: Pick<SeriesState, 'value' | 'fault' | 'expected'>,
): AlertContext {
  return {
    summary: summaryOf(metric, firing, state).slice(0, 300),
    since: firing.begun,
    ...(owner !== undefined && { owner }),
    ...(runbook !== undefined && { runbook }),
  };
}

const shown = (value: number): string => String(Number(value.toPrecision(4)));

function summaryOf(
  metric: Metric,
  { rule, series, cause }: FiringOf,
  { value, fault, expected }: Pick<SeriesState, 'value' | 'fault' | 'expected'>,
): string {
  const where = Object.entries(namesOf(metric, series)).map(([name, value]) => `${name} ${value}`);
  const what =
    cause === 'absent'
      ? 'there is nothing to measure'
      : cause === 'error'
        ? `cannot be evaluated (${fault})`
        : `${metric.kind} is ${shown(value ?? 0)}${expected ? `, expected ${shown(expected.median)}` : ''}`;
  return `${[rule, ...where].join(', ')}: ${what}`;
}

/** A firing from its beginning to its end. */
export interface Span {
  readonly from: Micros;
  readonly to: Micros;
}
