import type { Micros } from '@holdfast/kernel';
import type { Happening, HoldReason, ReopenReason } from './alert';
import type { PageTarget, PolicySnapshot } from './escalation-policy';

/** One level of one run of the ladder. Levels count from 1, 0 is outside the ladder; repeats from 0. */
export interface Step {
  readonly level: number;
  readonly repeat: number;
}

export type Phase =
  /** Waits before the level pages: a delay of the level, or a group that gathers. */
  | { readonly is: 'delayed'; readonly until: Micros }
  /** Who is to be paged, and whether anything keeps it quiet, is being looked up. */
  | { readonly is: 'preparing' }
  /** Kept quiet; looked up again then. */
  | { readonly is: 'held'; readonly until: Micros }
  /** Waits for an answer. Once a page was accepted, `until` is a whole timeout later. */
  | {
      readonly is: 'paging';
      readonly until: Micros;
      readonly accepted: boolean;
      readonly pages: number;
      readonly refused: number;
      /** When another shift begins. */
      readonly handoverAt?: Micros | undefined;
    }
  | { readonly is: 'exhausted'; readonly newsAt?: Micros | undefined }
  | {
      readonly is: 'acknowledged';
      readonly expiresAt?: Micros | undefined;
      readonly handoverAt?: Micros | undefined;
      /** When what joined since is paged. */
      readonly newsAt?: Micros | undefined;
    }
  | { readonly is: 'snoozed'; readonly until: Micros }
  | { readonly is: 'resolved' };

/** Where the escalation of an alert, or of a group, stands. */
export interface Escalation extends Step {
  readonly policy: PolicySnapshot;
  readonly repeatsLeft: number;
  /** Whom somebody gave it to: level 0 of this run. */
  readonly given: readonly PageTarget[];
  readonly lastPagedAt: Micros;
  /** When it began to page again after an answer; 0: never. An answer from before does not count. */
  readonly reopenedAt: Micros;
  /** What kept it quiet when it was looked up last. */
  readonly quiet?: { readonly reason: HoldReason; readonly by: string } | undefined;
  readonly phase: Phase;
}

/** What happens to an escalation. Answers name their step: one that comes late, for a step that was left, changes nothing but what is told. */
export type EscalationEvent =
  /** `gatherSeconds`: how long a group waits for more. */
  | { readonly is: 'opened'; readonly gatherSeconds: number }
  /** Who is paged is known: so many pages are being sent. */
  | { readonly is: 'prepared'; readonly step: Step; readonly pages: number; readonly handoverAt?: Micros | undefined }
  | {
      readonly is: 'held';
      readonly step: Step;
      readonly reason: HoldReason;
      readonly by: string;
      readonly until: Micros;
    }
  | { readonly is: 'accepted'; readonly step: Step }
  | { readonly is: 'refused'; readonly step: Step }
  | { readonly is: 'acknowledged' }
  | { readonly is: 'snoozed'; readonly by: string; readonly until: Micros }
  | { readonly is: 'taken_back'; readonly by: string }
  | { readonly is: 'reassigned'; readonly by: string; readonly targets: readonly PageTarget[] }
  /** `isOther`: not a later version of the policy that it follows. */
  | { readonly is: 'policy'; readonly by: string; readonly policy: PolicySnapshot; readonly isOther: boolean }
  /** Something joined the group. */
  | { readonly is: 'news' }
  /** What kept it quiet may have changed. */
  | { readonly is: 'look_again' }
  | { readonly is: 'resolved' }
  /** The time of {@link dueAt} has come. */
  | { readonly is: 'time' };

/** What has to be done, in this order. */
export type Effect =
  /** Look up who is paged and whether anything keeps it quiet, then page. `handover`: who was paged before is not paged again. */
  | { readonly do: 'page'; readonly step: Step; readonly targets: readonly PageTarget[]; readonly handover: boolean }
  /** Pages that were never accepted are not tried further: of one level, or all. */
  | { readonly do: 'give_up'; readonly because: 'answered' | 'superseded'; readonly level?: number | undefined }
  | { readonly do: 'note'; readonly happening: Happening };

export interface Stepped {
  readonly state: Escalation;
  readonly effects: readonly Effect[];
}

const SECOND = 1_000_000;
/** How long somebody whom an alert is given to has, where the policy has no level to go by. */
const GIVEN_SECONDS = 300;

export const newEscalation = (policy: PolicySnapshot): Escalation => ({
  policy,
  level: 1,
  repeat: 0,
  repeatsLeft: policy.repeats,
  given: [],
  lastPagedAt: 0,
  reopenedAt: 0,
  phase: { is: 'preparing' },
});

/** Whether somebody takes care, or it is over: nobody else is paged. */
export const isAnswered = ({ phase: { is } }: Escalation): boolean =>
  is === 'acknowledged' || is === 'snoozed' || is === 'resolved';

/** When something has to be done although nothing happens; undefined: never. */
export function dueAt({ phase }: Escalation): Micros | undefined {
  switch (phase.is) {
    case 'delayed':
    case 'held':
    case 'snoozed':
      return phase.until;
    case 'paging':
      return earliest(phase.until, phase.handoverAt);
    case 'acknowledged':
      return earliest(phase.expiresAt, phase.handoverAt, phase.newsAt);
    case 'exhausted':
      return phase.newsAt;
    default:
      return undefined;
  }
}

const earliest = (...times: readonly (Micros | undefined)[]): Micros | undefined => {
  const known = times.filter((one) => one !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
};

/**
 * What an event makes of an escalation. Pages level after level until somebody answers or the ladder is at its end.
 *
 * A level's timeout counts from its first accepted page. While none is accepted, because nothing that notifies can be reached, the level gets as long, then the
 * ladder goes on to the next one, which may be reached; the pages of this level are tried further. So an outage neither freezes the ladder nor skips a level.
 * A level whose targets stand for nobody, or refuse for good, is left at once. Whatever pages again after an answer begins at level 1 with a new run.
 */
export function stepped(state: Escalation, event: EscalationEvent, at: Micros): Stepped {
  const { phase } = state;
  if (phase.is === 'resolved') return still(state);
  switch (event.is) {
    case 'opened':
      return entered(state, at, event.gatherSeconds);
    case 'prepared':
      return prepared(state, event, at);
    case 'held':
      return held(state, event);
    case 'accepted':
      return accepted(state, event.step, at);
    case 'refused':
      return refused(state, event.step, at);
    case 'acknowledged':
      return acknowledged(state, at);
    case 'snoozed':
      return {
        state: { ...state, phase: { is: 'snoozed', until: event.until } },
        effects: [{ do: 'give_up', because: 'answered' }, note({ kind: 'snoozed', by: event.by, until: event.until })],
      };
    case 'taken_back':
      return isAnswered(state) ? reopened(state, 'taken_back', event.by, at) : still(state);
    case 'reassigned':
      return reopened(state, 'reassigned', event.by, at, event.targets);
    case 'policy':
      return policyChanged(state, event, at);
    case 'news':
      return news(state, at);
    case 'look_again':
      return phase.is === 'held' ? preparing(state) : still(state);
    case 'resolved':
      return {
        state: { ...state, phase: { is: 'resolved' } },
        effects: [{ do: 'give_up', because: 'answered' }],
      };
    case 'time':
      return timeHasCome(state, at);
  }
}

/** Whether pages that were looked up for a step may still be sent. */
export function mayPage(state: Escalation, step: Step, handover: boolean): boolean {
  const { is } = state.phase;
  return isAt(state, step) && (handover ? is === 'paging' || is === 'acknowledged' : is === 'preparing');
}

const still = (state: Escalation): Stepped => ({ state, effects: [] });
const note = (happening: Happening): Effect => ({ do: 'note', happening });
const isAt = ({ level, repeat }: Escalation, step: Step): boolean => level === step.level && repeat === step.repeat;
/** Effects of what came before, then what comes next. */
const after = (effects: readonly Effect[], next: Stepped): Stepped => ({
  state: next.state,
  effects: [...effects, ...next.effects],
});

function targetsOf({ policy, given, level }: Escalation): readonly PageTarget[] {
  return level === 0 ? given : (policy.levels[level - 1]?.targets ?? []);
}

function timeoutOf({ policy: { levels }, level }: Escalation): Micros {
  return (levels[Math.max(level, 1) - 1]?.acknowledgeTimeoutSeconds ?? GIVEN_SECONDS) * SECOND;
}

/** The level begins: at once, or when its delay is over. */
function entered(state: Escalation, at: Micros, moreSeconds = 0): Stepped {
  if (state.level > state.policy.levels.length) return atTheEnd(state);
  const seconds = moreSeconds + (state.level === 0 ? 0 : (state.policy.levels[state.level - 1]!.delaySeconds ?? 0));
  if (seconds > 0) return still({ ...state, phase: { is: 'delayed', until: at + seconds * SECOND } });
  return preparing(state);
}

function preparing(state: Escalation, handover = false): Stepped {
  const { level, repeat } = state;
  const page = { do: 'page', step: { level, repeat }, targets: targetsOf(state), handover } as const;
  return { state: handover ? state : { ...state, phase: { is: 'preparing' } }, effects: [page] };
}

/** To the next level, or to the next run of the ladder, or to its end. */
function goOn(state: Escalation, at: Micros): Stepped {
  if (state.level < state.policy.levels.length) return entered({ ...state, level: state.level + 1 }, at);
  if (state.repeatsLeft === 0 || state.policy.levels.length === 0) return atTheEnd(state);
  return entered({ ...state, level: 1, repeat: state.repeat + 1, repeatsLeft: state.repeatsLeft - 1 }, at);
}

const atTheEnd = (state: Escalation): Stepped => ({
  state: { ...state, phase: { is: 'exhausted' } },
  effects: [note({ kind: 'exhausted' })],
});

type Of<K extends EscalationEvent['is']> = Extract<EscalationEvent, { is: K }>;

function prepared(state: Escalation, { step, pages, handoverAt }: Of<'prepared'>, at: Micros): Stepped {
  const { phase } = state;
  if (!isAt(state, step)) return still(state);
  if (phase.is === 'paging') return still({ ...state, phase: { ...phase, pages: phase.pages + pages, handoverAt } });
  if (phase.is === 'acknowledged')
    return still({ ...state, phase: { ...phase, ...(state.policy.handover === 'always' && { handoverAt }) } });
  if (phase.is !== 'preparing') return still(state);
  const said = state.quiet ? [note({ kind: 'released' })] : [];
  const loud = { ...state, quiet: undefined };
  if (pages === 0) return after(said, goOn(loud, at));
  const until = at + timeoutOf(state);
  const next: Escalation = { ...loud, phase: { is: 'paging', until, accepted: false, pages, refused: 0, handoverAt } };
  return { state: next, effects: said };
}

/**
 * A later version is followed from the next level on; what it may page now that the one before did not is looked at at once. Another policy, and a ladder that has become shorter than
 * where it stands, begins at level 1. Who has acknowledged or snoozed stays in charge.
 */
function policyChanged(state: Escalation, { policy, by, isOther }: Of<'policy'>, at: Micros): Stepped {
  const next = { ...state, policy, repeatsLeft: Math.min(state.repeatsLeft, policy.repeats) };
  if (isAnswered(state)) return still(next);
  if (isOther || state.phase.is === 'exhausted' || state.level > policy.levels.length)
    return reopened(next, 'policy', by, at);
  return state.phase.is === 'held' ? preparing(next) : still(next);
}

function held(state: Escalation, { step, reason, by, until }: Of<'held'>): Stepped {
  if (state.phase.is !== 'preparing' || !isAt(state, step)) return still(state);
  const isTold = state.quiet?.reason === reason && state.quiet.by === by;
  return {
    state: { ...state, quiet: { reason, by }, phase: { is: 'held', until } },
    effects: isTold ? [] : [note({ kind: 'held', reason, by, until })],
  };
}

function accepted(state: Escalation, step: Step, at: Micros): Stepped {
  const paged = { ...state, lastPagedAt: Math.max(state.lastPagedAt, at) };
  if (state.phase.is !== 'paging' || !isAt(state, step) || state.phase.accepted) return still(paged);
  return still({ ...paged, phase: { ...state.phase, accepted: true, until: at + timeoutOf(state) } });
}

function refused(state: Escalation, step: Step, at: Micros): Stepped {
  const { phase } = state;
  if (phase.is !== 'paging' || !isAt(state, step)) return still(state);
  const next = { ...state, phase: { ...phase, refused: phase.refused + 1 } };
  return next.phase.refused < phase.pages ? still(next) : goOn(next, at);
}

function acknowledged(state: Escalation, at: Micros): Stepped {
  const { acknowledgementExpiresSeconds: seconds, handover } = state.policy;
  const handoverAt = state.phase.is === 'paging' && handover === 'always' ? state.phase.handoverAt : undefined;
  const expiresAt = seconds === undefined ? undefined : at + seconds * SECOND;
  return {
    state: { ...state, phase: { is: 'acknowledged', expiresAt, handoverAt } },
    effects: [{ do: 'give_up', because: 'answered' }],
  };
}

/** The ladder begins again at level 1, or with those whom somebody gave it to. */
function reopened(
  state: Escalation,
  reason: ReopenReason,
  by: string,
  at: Micros,
  given: readonly PageTarget[] = [],
): Stepped {
  const effects = [{ do: 'give_up', because: 'superseded' } as const, note({ kind: 'reopened', by, reason })];
  const { repeats } = state.policy;
  const next = {
    ...state,
    ...{ given, level: given.length > 0 ? 0 : 1, repeat: state.repeat + 1, repeatsLeft: repeats, reopenedAt: at },
    quiet: undefined, // what keeps it quiet this time is told anew
  };
  return after(effects, entered(next, at));
}

/**
 * What joins is paged with the level that runs. Where nothing would page any more it pages again; what is kept quiet is looked at again, since what joined may not be. A snooze
 * is of all that comes until then.
 */
function news(state: Escalation, at: Micros): Stepped {
  const { phase, policy } = state;
  if (phase.is === 'held') return preparing(state);
  if ((phase.is !== 'acknowledged' && phase.is !== 'exhausted') || !policy.group || phase.newsAt !== undefined)
    return still(state);
  const newsAt = Math.max(at, state.lastPagedAt + policy.group.intervalSeconds * SECOND);
  return still({ ...state, phase: { ...phase, newsAt } });
}

function timeHasCome(state: Escalation, at: Micros): Stepped {
  const { phase, level, repeat } = state;
  const due = (time: Micros | undefined): boolean => time !== undefined && time <= at;
  switch (phase.is) {
    case 'delayed':
    case 'held':
      return due(phase.until) ? preparing(state) : still(state);
    case 'paging':
      if (due(phase.until))
        return after([note({ kind: phase.accepted ? 'timed_out' : 'unreachable', level, repeat })], goOn(state, at));
      if (due(phase.handoverAt)) return handingOver({ ...state, phase: { ...phase, handoverAt: undefined } });
      return still(state);
    case 'acknowledged':
      if (due(phase.expiresAt)) return reopened(state, 'acknowledgement_expired', '', at);
      if (due(phase.newsAt)) return reopened(state, 'news', '', at);
      if (due(phase.handoverAt)) return handingOver({ ...state, phase: { ...phase, handoverAt: undefined } });
      return still(state);
    case 'exhausted':
      return due(phase.newsAt) ? reopened(state, 'news', '', at) : still(state);
    case 'snoozed':
      return due(phase.until) ? reopened(state, 'woke', '', at) : still(state);
    default:
      return still(state);
  }
}

function handingOver(state: Escalation): Stepped {
  const { level, repeat } = state;
  return after([note({ kind: 'handed_over', level, repeat })], preparing(state, true));
}
