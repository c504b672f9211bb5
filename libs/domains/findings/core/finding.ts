import type { AlertContext, AlertToEscalate } from '@holdfast/domains/alerting/core/alert';
import type { Micros } from '@holdfast/kernel';
import type { FindingKind, FindingSeverity } from './kinds';
import type { Range } from './ranges';

/** open -> triaged -> fixed or accepted. What was fixed and occurs again is open again, and what was accepted when more of it occurs. */
export const FINDING_STATES = ['open', 'triaged', 'fixed', 'accepted'] as const;
export type FindingState = (typeof FINDING_STATES)[number];

/** What a finding is about: of all processes or stages where they are ''. */
export interface Scope {
  readonly source: string;
  readonly process: string;
  readonly stage: string;
}

/** What was measured of a finding. */
export interface Extent {
  /** Sequence numbers that are affected, both included. */
  readonly numbers: Range | undefined;
  readonly fromAt: Micros;
  readonly toAt: Micros;
  readonly cases: number;
  /** What else was measured, by name; whole numbers, times and skews in microseconds. */
  readonly measures: Readonly<Record<string, number>>;
}

/** What an inspection saw. */
export interface Observation {
  readonly kind: FindingKind;
  readonly scope: Scope;
  /** Where it begins, for kinds of which a scope can have several: with kind and scope it names the finding. '' for those that a scope has once. */
  readonly begins: string;
  /** `present`: it is so, and news; `changed`: it is so, as it was told before; `gone`: it is no longer so. */
  readonly standing: 'present' | 'changed' | 'gone';
  readonly extent: Extent;
  /** Whether the extent adds to what was seen before, or is all of it. */
  readonly adds: boolean;
  /** Type of an event that it touches: its contract has an owner, where the source has none. */
  readonly type?: string | undefined;
  /** The document that asks for it, and says who answers for it. Undefined for what is asked of every source. */
  readonly asked?: Asked | undefined;
}

/** A document that findings come of, with whom it names. */
export interface Asked {
  /** As {@link Finding.subject}. */
  readonly subject: string;
  readonly owner: string;
  /** The escalation policy that pages because of it; '' for none. */
  readonly policy: string;
}

/** A finding as it is stored. */
export interface Finding extends Scope {
  readonly id: string;
  readonly kind: FindingKind;
  readonly severity: FindingSeverity;
  readonly state: FindingState;
  readonly extent: Extent;
  readonly owner: string;
  /** The document that asked for it, as kind/id; '' where none did. */
  readonly subject: string;
  /** The escalation policy that pages because of it; '' for none. */
  readonly policy: string;
  /** How often it was found: once, and each time that it was reopened. */
  readonly occurrences: number;
  readonly foundAt: Micros;
  readonly observedTo: Micros;
}

export const isClosed = (state: FindingState): boolean => state === 'fixed' || state === 'accepted';

/** Names the alert of a finding's occurrence: the same one for the same occurrence, so that it is raised once. */
export const alertIdOf = ({ id, occurrences }: Pick<Finding, 'id' | 'occurrences'>): string =>
  `finding-${id}.${occurrences}`;

export type ObservedStep = 'found' | 'reopened' | 'fixed';

/** What an observation makes of a finding. */
export interface Observed {
  /** Undefined where the state stays. */
  readonly step: { readonly is: ObservedStep; readonly at: Micros } | undefined;
  readonly extent: Extent;
}

/**
 * What somebody did meanwhile is not undone by what was received before: only what came after a finding was closed opens it again. What is accepted is what had
 * been seen then: of kinds that add up, more opens it; of the others it stays accepted while it lasts, and is fixed once it is gone.
 * @param known undefined where it was never seen; `changedAt` is when its state changed last
 * @param to until when what was received is in the observation: the same one again changes nothing
 * @returns undefined where nothing changes
 */
export function observe(
  known: (Pick<Finding, 'state' | 'extent' | 'observedTo'> & { readonly changedAt: Micros }) | undefined,
  { standing, extent, adds }: Observation,
  to: Micros,
): Observed | undefined {
  if (!known) return standing === 'gone' ? undefined : { step: { is: 'found', at: to }, extent };
  if (known.observedTo >= to) return undefined;
  const { state, changedAt } = known;
  if (standing === 'gone')
    return state === 'fixed' ? undefined : { step: { is: 'fixed', at: Math.max(to, changedAt + 1) }, extent };
  const opens = state === 'fixed' || (state === 'accepted' && adds);
  if (standing === 'present' && opens && extent.toAt > changedAt)
    return { step: { is: 'reopened', at: Math.max(to, changedAt + 1) }, extent };
  // Opened by this very observation, which was cut short behind the step.
  const isRepeat = state === 'open' && changedAt >= to;
  return { step: undefined, extent: adds && !isRepeat ? sumOf(known.extent, extent) : extent };
}

function sumOf(a: Extent, b: Extent): Extent {
  const numbers =
    a.numbers && b.numbers
      ? { from: Math.min(a.numbers.from, b.numbers.from), to: Math.max(a.numbers.to, b.numbers.to) }
      : (b.numbers ?? a.numbers);
  return {
    numbers,
    fromAt: Math.min(a.fromAt, b.fromAt),
    toAt: Math.max(a.toAt, b.toAt),
    cases: a.cases + b.cases,
    measures: b.measures,
  };
}

/** An alert that is still to be raised. */
export interface OwedAlert {
  readonly finding: string;
  readonly kind: FindingKind;
  readonly source: string;
  readonly process: string;
  readonly stage: string;
  readonly severity: FindingSeverity;
  readonly policy: string;
  readonly owner: string;
  readonly alertId: string;
  readonly since: Micros;
  readonly cases: number;
  readonly occurrence: number;
}
/** An alert that is still to be ended. */
export interface OwedEnd {
  readonly finding: string;
  readonly alertId: string;
  readonly by: string;
  readonly reason: 'healed' | 'accepted';
}
export interface Owed {
  readonly raise: readonly OwedAlert[];
  readonly end: readonly OwedEnd[];
}

/** What the steps about a finding's alerts say: those that were raised, and those that were ended. */
export interface AlertsOf extends Finding {
  readonly alerted: readonly string[];
  readonly ended: readonly string[];
  readonly changedBy: string;
}

/** What is owed for a finding: one alert for each occurrence while it is open, none when it is closed. */
export function owedFor(finding: AlertsOf): Owed {
  const { id, kind, source, process, stage, severity, policy, owner, state, alerted, ended } = finding;
  const current = alertIdOf(finding);
  const closed = isClosed(state);
  const reason = state === 'accepted' ? 'accepted' : 'healed';
  const over = alerted.filter((one) => !ended.includes(one) && (closed || one !== current));
  return {
    raise:
      closed || policy === '' || alerted.includes(current)
        ? []
        : [
            {
              ...{ finding: id, kind, source, process, stage, severity, policy, owner, alertId: current },
              since: finding.extent.fromAt,
              cases: finding.extent.cases,
              occurrence: finding.occurrences,
            },
          ],
    end: over.map((alertId) => ({ finding: id, alertId, by: closed ? finding.changedBy : '', reason })),
  };
}

/** What its pages say. */
export function contextOf({ kind, source, process, stage, owner, since, cases }: OwedAlert): AlertContext {
  const where = [source, process, stage].filter((one) => one !== '').join(' / ');
  const summary = `${kind.replaceAll('-', ' ')}${where === '' ? '' : ` in ${where}`}: ${cases} ${cases === 1 ? 'case' : 'cases'}`;
  return { summary, since, ...(owner !== '' && { owner }) };
}

/** The alert that is owed, as escalation takes it. */
export const alertOf = ({
  finding,
  kind,
  source,
  process,
  stage,
  severity,
  policy,
  alertId,
  cases,
  occurrence,
}: OwedAlert): AlertToEscalate => ({
  ...{ alertId, process, severity, policy },
  labels: { finding: kind, ...(source !== '' && { source }), ...(stage !== '' && { stage }) },
  fingerprint: `${kind}.${finding}`,
  subject: { kind: 'finding', id: finding },
  facts: { open: cases, revision: occurrence },
});
