import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Micros } from '@holdfast/kernel';
import type {
  Acknowledgement,
  AlertState,
  AlertToEscalate,
  Destination,
  EscalationOutcome,
  HoldReason,
  Page,
  PagePlace,
  Resolution,
  Severity,
  Transition,
} from '@holdfast/domains/alerting/core/alert';
import type { Escalation, Phase } from '@holdfast/domains/alerting/core/escalation';
import type { PageTarget, PolicySnapshot, QuietHours } from '@holdfast/domains/alerting/core/escalation-policy';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** An alert, or where a run before this one left it. */
export type AlertUnderWay = AlertToEscalate & { readonly goesOn?: Standing };

/** What a run hands on to the next when its history has become long. */
export interface Standing {
  readonly escalation: Escalation;
  readonly raisedAt: Micros;
  readonly lastSeq: number;
  readonly sent: readonly SentPage[];
  /** How many pages each step has sent, by `L<level>/R<repeat>`: their numbers go on. */
  readonly numbered: Readonly<Record<string, number>>;
  /** When the newest alert of a group was raised; 0 where it is none. */
  readonly newestAt: Micros;
}

/** A page that may have been delivered. */
export interface SentPage extends Page {
  /** What the channel needs to follow it up; '' where the dedup key is all. */
  readonly ref: string;
  readonly told: 'nothing' | 'acknowledged' | 'resolved';
}

export interface Opening {
  readonly alert: AlertToEscalate;
  readonly raisedAt: Micros;
}
/** `over`: an earlier run of the alert was resolved, so there is nothing to escalate. */
export type Opened = { readonly is: 'over' } | { readonly is: 'open'; readonly policy: PolicySnapshot };

export interface Entries {
  readonly alertId: string;
  readonly transitions: readonly Transition[];
}

export interface ToPrepare {
  readonly alert: AlertToEscalate;
  readonly raisedAt: Micros;
  /** By the workflow's clock, as all times of an escalation are. */
  readonly at: Micros;
  readonly targets: readonly PageTarget[];
  /** Somebody named them: nothing keeps that quiet. */
  readonly isAsked: boolean;
  readonly quietHours?: QuietHours;
}
/** Whom the targets stand for at this moment, or what keeps the alert quiet. */
export type Prepared =
  | { readonly is: 'held'; readonly reason: HoldReason; readonly by: string; readonly until: Micros }
  | {
      readonly is: 'loud';
      /** Each with the destinations that are tried in turn. */
      readonly pages: readonly Addressee[];
      /** `target` is the place in the list, from 1. */
      readonly nobody: readonly { readonly target: number; readonly code: string; readonly reason: string }[];
      /** When another shift begins. */
      readonly handoverAt?: Micros;
    };
export interface Addressee {
  readonly person: string;
  readonly destinations: readonly Destination[];
}

export interface PageToSend {
  readonly alert: AlertToEscalate;
  readonly place: PagePlace;
  readonly dedupKey: string;
  readonly person: string;
  readonly destinations: readonly Destination[];
  readonly raisedAt: Micros;
}
export interface PageTaken {
  readonly acceptedAt: Micros;
  /** The destination that took it, counted from 0. */
  readonly used: number;
  readonly ref: string;
  /** Why each of those before it did not. */
  readonly failed: readonly string[];
}

export interface FollowUp {
  readonly alertId: string;
  readonly action: 'acknowledge' | 'resolve';
  readonly page: Page;
  readonly ref: string;
  readonly by: string;
}

/** The alerts that a group stands for. */
export interface Members {
  readonly open: number;
  /** When the last one of them was raised; 0 for none. */
  readonly newestAt: Micros;
}

/** Every group has this before its hash; no other alert's id does. */
const GROUP = 'group~';

export const groupKeyOf = (policy: string, hash: string): string => `${GROUP}${policy}~${hash}`;

export const isGroup = (alertId: string): boolean => alertId.startsWith(GROUP);

/** A lock against two escalations of one alert, or of one group: a group's next run has an id of its own under the same lock. */
export const workflowIdOf = (alertId: string): string =>
  `alert/${isGroup(alertId) ? alertId.slice(0, alertId.lastIndexOf('.')) : alertId}`;

/**
 * Pages one level after the other until somebody acknowledges, and closes all pages when the alert is resolved. Resolving is the raiser's: the
 * workflow waits for it without limit. A group is resolved when all of its alerts are.
 */
export const escalateAlert = defineWorkflow<AlertUnderWay, EscalationOutcome>()({
  name: 'escalateAlert',
  id: ({ alertId }) => workflowIdOf(alertId),
  activities: {
    open: activity<(opening: Opening) => Promise<Opened>>({
      queue: 'control',
      local: 'in_turn', // the first page waits for it
      startToClose: '10s',
      retry: { initialInterval: '100ms', maximumInterval: '10s' },
      repeat: 'takes the version of the policy that the first execution took, and writes the same rows again',
    }),
    record: activity<(entries: Entries) => Promise<void>>({
      queue: 'control',
      startToClose: '10s',
      retry: { initialInterval: '100ms', maximumInterval: '10s' },
      repeat: 'replaces each row by the same one: alert and sequence number are its key',
    }),
    prepare: activity<(toPrepare: ToPrepare) => Promise<Prepared>>({
      queue: 'control',
      local: 'in_turn',
      startToClose: '10s',
      retry: { initialInterval: '100ms', maximumInterval: '10s' },
      repeat: 'reads again',
    }),
    newestPolicy: activity<(policy: string) => Promise<{ readonly version: number; readonly policy: PolicySnapshot }>>({
      queue: 'control',
      local: 'in_turn',
      startToClose: '10s',
      retry: { initialInterval: '100ms', maximumInterval: '10s' },
      repeat: 'reads again',
    }),
    members: activity<(groupKey: string) => Promise<Members>>({
      queue: 'control',
      local: 'in_turn',
      startToClose: '10s',
      retry: { initialInterval: '100ms', maximumInterval: '10s' },
      repeat: 'reads again',
    }),
    // Tried without end: an outage delays a page and never cancels it. The heartbeat is for a worker that dies between a channel and us.
    page: activity<(page: PageToSend) => Promise<PageTaken>>({
      queue: 'outbound',
      startToClose: '90s',
      heartbeat: '5s',
      retry: { initialInterval: '500ms', maximumInterval: '30s' },
      endsBeforeCancelled: true,
      repeat:
        'notifies nobody again where the channel knows the dedup key, as PagerDuty does for an open incident; elsewhere the page says that it may be a repeat. No incident is resolved while one of its pages is in flight',
    }),
    followUp: activity<(followUp: FollowUp) => Promise<void>>({
      queue: 'outbound',
      startToClose: '40s',
      heartbeat: '5s',
      retry: { initialInterval: '500ms', maximumInterval: '60s' },
      repeat: 'changes nothing where it is in that state already',
    }),
  },
});

/** For who learns of it without waiting: webhooks. Ignored when somebody acknowledged before, or the alert is resolved. */
export const acknowledge = defineSignal<[Acknowledgement]>('acknowledge');
/** For the raiser: what the alert is about has healed or was accepted. Ignored when it is resolved. */
export const resolve = defineSignal<[Resolution]>('resolve');
/** Alerts have joined or left the group. */
export const membersChanged = defineSignal('membersChanged');

/** Answers with the state once it can be read from ClickHouse. @throws ApplicationFailure `alert_acknowledged` or `alert_resolved`, kind `conflict`, when it came too late */
export const acknowledgeNow = defineUpdate<AlertState, [Acknowledgement]>('acknowledgeNow');
/** Answers with the state once it can be read from ClickHouse. @throws ApplicationFailure `alert_resolved`, kind `conflict`, when it came too late */
export const resolveNow = defineUpdate<AlertState, [Resolution]>('resolveNow');

/** What else a responder may do. */
export type Response =
  | { readonly do: 'snooze'; readonly by: string; readonly until: Micros }
  | { readonly do: 'take_back'; readonly by: string }
  | { readonly do: 'reassign'; readonly by: string; readonly targets: readonly PageTarget[] }
  | { readonly do: 'add_responders'; readonly by: string; readonly targets: readonly PageTarget[] }
  | { readonly do: 'change_severity'; readonly by: string; readonly severity: Severity }
  /** Follows the newest version of this policy from here on. */
  | { readonly do: 'follow_policy'; readonly by: string; readonly policy: string };
/** Answers with the state once it can be read. @throws ApplicationFailure `alert_resolved` or `alert_not_answered`, kind `conflict` */
export const respond = defineUpdate<AlertState, [Response]>('respond');

/** Returns once the alert can be read from ClickHouse. */
export const opened = defineUpdate('opened');

/** What no table holds: where the escalation stands at this moment. */
export interface LiveEscalation {
  readonly state: AlertState;
  readonly phase: Phase['is'];
  /** The level that is being paged or waited for; none when the ladder is at its end or nobody is paged any more. */
  readonly at?: { readonly level: number; readonly repeat: number };
  /** Whom somebody gave it to: level 0 of this run. */
  readonly given?: readonly PageTarget[];
  /** Until when nothing happens by itself. */
  readonly until?: Micros;
  /** Pages that no channel has accepted yet. */
  readonly pagesUnderWay: number;
}
export const live = defineQuery<LiveEscalation>('live');
