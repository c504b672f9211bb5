import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Micros } from '@holdfast/kernel';
import type {
  Acknowledgement,
  AlertState,
  AlertToEscalate,
  EscalationOutcome,
  Page,
  PagePlace,
  Resolution,
  Transition,
} from '@holdfast/domains/alerting/core/alert';
import type { PolicySnapshot } from '@holdfast/domains/alerting/core/escalation-policy';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

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

export interface PageToSend {
  readonly alert: AlertToEscalate;
  readonly place: PagePlace;
  readonly page: Page;
  readonly raisedAt: Micros;
}

export interface FollowUp {
  readonly action: 'acknowledge' | 'resolve';
  readonly page: Page;
}

/** A lock against two escalations of one alert. */
export const workflowIdOf = (alertId: string): string => `alert/${alertId}`;

/**
 * Pages one level after the other until somebody acknowledges, and closes all pages when the alert is resolved. Resolving is the raiser's: the
 * workflow waits for it without limit.
 */
export const escalateAlert = defineWorkflow<AlertToEscalate, EscalationOutcome>()({
  name: 'escalateAlert',
  id: ({ alertId }) => workflowIdOf(alertId),
  activities: {
    open: activity<(opening: Opening) => Promise<Opened>>({
      queue: 'control',
      local: true, // the first page waits for it
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
    // Tried without end: an outage delays a page and never cancels it. The heartbeat is for a worker that dies between PagerDuty and us.
    page: activity<(page: PageToSend) => Promise<{ readonly acceptedAt: Micros }>>({
      queue: 'outbound',
      startToClose: '40s',
      heartbeat: '5s',
      retry: { initialInterval: '500ms', maximumInterval: '30s' },
      endsBeforeCancelled: true,
      repeat:
        'notifies nobody again: PagerDuty adds a trigger to the open incident of its dedup key, and no incident is resolved while one of its pages is in flight',
    }),
    followUp: activity<(followUp: FollowUp) => Promise<void>>({
      queue: 'outbound',
      startToClose: '40s',
      heartbeat: '5s',
      retry: { initialInterval: '500ms', maximumInterval: '60s' },
      repeat: 'PagerDuty drops it when the incident is in that state already',
    }),
  },
});

/** For who learns of it without waiting: webhooks. Ignored when somebody acknowledged before, or the alert is resolved. */
export const acknowledge = defineSignal<[Acknowledgement]>('acknowledge');
/** For the raiser: what the alert is about has healed or was accepted. Ignored when it is resolved. */
export const resolve = defineSignal<[Resolution]>('resolve');

/** Answers with the state once it can be read from ClickHouse. @throws ApplicationFailure `alert_acknowledged` or `alert_resolved`, kind `conflict`, when it came too late */
export const acknowledgeNow = defineUpdate<AlertState, [Acknowledgement]>('acknowledgeNow');
/** Answers with the state once it can be read from ClickHouse. @throws ApplicationFailure `alert_resolved`, kind `conflict`, when it came too late */
export const resolveNow = defineUpdate<AlertState, [Resolution]>('resolveNow');
/** Returns once the alert can be read from ClickHouse. */
export const opened = defineUpdate('opened');

/** What no table holds: where the escalation stands at this moment. */
export interface LiveEscalation {
  readonly state: AlertState;
  /** The level that is being paged or waited for; none when the ladder is at its end or nobody is paged any more. */
  readonly at?: { readonly level: number; readonly repeat: number };
  /** Pages that PagerDuty has not accepted yet. */
  readonly pagesUnderWay: number;
}
export const live = defineQuery<LiveEscalation>('live');
