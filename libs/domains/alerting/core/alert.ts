import type { Micros } from '@holdfast/kernel';

export const SEVERITIES = ['critical', 'error', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * What an alert is about; `group` is an alert that stands for others, `external` came from another system, a `test` is a page that somebody asked for to try a policy.
 */
export const SUBJECT_KINDS = [
  'reconciliation',
  'finding',
  'rule',
  'synthetic',
  'archive',
  'external',
  'group',
  'test',
] as const;
export interface AlertSubject {
  readonly kind: (typeof SUBJECT_KINDS)[number];
  readonly id: string;
}

/** What an alert is sorted, grouped and muted by: names of things, never data of records. */
export type Labels = Readonly<Record<string, string>>;

/** What the one who raises an alert says. Stands in histories: ids and counts only, no free text, no rows, no personal data. */
export interface AlertToEscalate {
  /** Made by the raiser, the same for the same fact: `<fingerprint>.<n>`; `<fingerprint>.<n>~<m>` takes the place of a lesser one of the same fact. 1 to 200 of `A-Za-z0-9._~-`. */
  readonly alertId: string;
  /** What alerts about the same thing have in common; for a window the id of its reconciliation, for a finding its kind and id. */
  readonly fingerprint: string;
  /** The process that is concerned, '' for none in particular; for a test of a policy the policy's id. */
  readonly process: string;
  readonly subject: AlertSubject;
  readonly severity: Severity;
  /** Id of the escalation policy. */
  readonly policy: string;
  readonly labels: Labels;
  readonly facts: { readonly open: number; readonly revision: number };
  /** The principal who asked for it; none when Holdfast raises it. */
  readonly raisedBy?: string;
}

/** What a page says beside ids and counts. Kept in ClickHouse, never in histories. */
export interface AlertContext {
  /** What broke, in one line. */
  readonly summary: string;
  /** Since when it is so. */
  readonly since?: Micros | undefined;
  /** What it is about in money, by currency. */
  readonly amounts?: readonly { readonly currency: string; readonly value: number }[] | undefined;
  /** Where most of it was lost, such as `hub -> erp`. */
  readonly topHop?: string | undefined;
  readonly topCause?: string | undefined;
  /** Who answers for what broke. */
  readonly owner?: string | undefined;
  /** Where it says what to do. */
  readonly runbook?: string | undefined;
}

/** All labels of an alert: those that its raiser gave, and what is known of every alert. */
export const knownLabels = ({
  labels,
  process,
  ...known
}: Pick<AlertToEscalate, 'labels' | 'process' | 'severity' | 'policy'> & { readonly subject: string }): Labels => ({
  ...labels,
  ...(process !== '' && { process }),
  severity: known.severity,
  policy: known.policy,
  subject: known.subject,
});
export const labelsOf = (alert: AlertToEscalate): Labels => knownLabels({ ...alert, subject: alert.subject.kind });

/** Somebody takes care: nobody else is paged. */
export interface Acknowledgement {
  /** A principal's id, or `pagerduty:<agent id>`, `slack:<member id>`, `link:<person>`. */
  readonly by: string;
  readonly via: 'api' | 'pagerduty' | 'slack' | 'link';
  /** What the responder did in PagerDuty. One who resolved the incident there has seen it; whether the cause is gone, Holdfast alone knows. */
  readonly event?: 'acknowledged' | 'resolved';
  /** Id of the webhook's event. */
  readonly deliveryId?: string;
  readonly at: Micros;
}

export type ResolveReason = 'healed' | 'accepted' | 'manual' | 'cancelled' | 'escalated';

/** The alert is over. */
export interface Resolution {
  /** A principal's id; '' when Holdfast did it. */
  readonly by: string;
  readonly reason: ResolveReason;
  readonly at: Micros;
}

/** How an escalation ended: resolved in this run, or over before it began because the alert had been resolved by an earlier one. */
export interface EscalationOutcome {
  readonly state: 'resolved' | 'over';
}

/** Where a page can be sent to. `routingKey` and `channel` are names, never what they stand for. */
export type Destination =
  | { readonly kind: 'pagerduty'; readonly routingKey: string }
  /** To the address that the person has on the channel; where the channel itself says for nobody in particular. */
  | { readonly kind: 'channel'; readonly channel: string; readonly person?: string | undefined };

/** One page as the outside knows it. */
export interface Page {
  readonly dedupKey: string;
  readonly destination: Destination;
}

/** A page's place: levels and targets count from 1, repeats from 0, which is the ladder's first run. Level 0 is outside the ladder: responders whom somebody named. */
export interface PagePlace {
  readonly level: number;
  readonly repeat: number;
  readonly target: number;
}

/** Whom a page is for; '' where the target is no person. */
interface Addressed {
  readonly person: string;
}

/** What keeps an alert from paging: a suppression window, an alert that inhibits it, that it comes and goes, or the policy's quiet hours. */
export type HoldReason = 'window' | 'inhibition' | 'flapping' | 'quiet_hours';

/** Why an alert that was acknowledged or snoozed pages again. */
export type ReopenReason = 'woke' | 'taken_back' | 'acknowledgement_expired' | 'reassigned' | 'news' | 'policy';

/** Something that happened to an alert. */
export type Happening =
  | { readonly kind: 'raised'; readonly by: string }
  /** It is told as part of a group's alert from here on. */
  | { readonly kind: 'grouped'; readonly by: string }
  /** `at` is when the page was accepted. */
  | ({ readonly kind: 'paged' } & PagePlace & Page & Addressed)
  /** A page that nobody will get: refused for good, or given up because somebody answered or the level's next repeat began. */
  | ({ readonly kind: 'page_failed'; readonly code: string } & PagePlace & Page & Addressed)
  /** A destination did not take the page, and the next one was tried. */
  | ({ readonly kind: 'fell_back'; readonly code: string } & PagePlace & Page & Addressed)
  /** No page of the level was accepted within its acknowledge timeout: the ladder goes on, and the pages are tried further. */
  | { readonly kind: 'unreachable'; readonly level: number; readonly repeat: number }
  /** Nobody acknowledged within the level's timeout. */
  | { readonly kind: 'timed_out'; readonly level: number; readonly repeat: number }
  /** A target of the level stands for nobody at this time, or for somebody without a way to be reached. */
  | {
      readonly kind: 'nobody';
      readonly code: string;
      readonly reason: string;
      readonly level: number;
      readonly repeat: number;
      readonly target: number;
    }
  /** The whole ladder was run as often as the policy says, and nobody acknowledged. */
  | { readonly kind: 'exhausted' }
  /** Nobody is paged until `until` at the latest; `by` says which window, rule or alert keeps it quiet. */
  | { readonly kind: 'held'; readonly reason: HoldReason; readonly by: string; readonly until: Micros }
  | { readonly kind: 'released' }
  /** Another shift began, and who has it now is paged. */
  | { readonly kind: 'handed_over'; readonly level: number; readonly repeat: number }
  | {
      readonly kind: 'acknowledged';
      readonly by: string;
      readonly via: string;
      readonly code: string;
      readonly deliveryId: string;
    }
  | { readonly kind: 'snoozed'; readonly by: string; readonly until: Micros }
  | { readonly kind: 'reopened'; readonly by: string; readonly reason: ReopenReason }
  | { readonly kind: 'responders_added'; readonly by: string }
  | { readonly kind: 'severity_changed'; readonly by: string; readonly reason: Severity }
  /** The escalation follows another version of its policy, or another policy, from here on. */
  | { readonly kind: 'policy_changed'; readonly by: string; readonly reason: string; readonly revision: number }
  | { readonly kind: 'resolved'; readonly by: string; readonly reason: ResolveReason }
  /** The acknowledgement or the resolve of a page is refused: its incident or message has to be closed there by hand. */
  | ({ readonly kind: 'follow_up_failed'; readonly code: string } & Page);

/** A happening with its place in the alert's story, from 0, and its time. The same place is always the same happening. */
export type Transition = Happening & { readonly seq: number; readonly at: Micros };

export const ALERT_STATES = ['open', 'acknowledged', 'snoozed', 'resolved'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** The state after these transitions, in whatever order they come: their numbers say which was last. */
export function stateOf(transitions: readonly Pick<Transition, 'kind' | 'seq'>[]): AlertState {
  if (transitions.some(({ kind }) => kind === 'resolved')) return 'resolved';
  const last = transitions
    .filter(({ kind }) => kind in ANSWERS)
    .reduce<Pick<Transition, 'kind' | 'seq'> | undefined>((a, b) => (a && a.seq > b.seq ? a : b), undefined);
  return last ? ANSWERS[last.kind as keyof typeof ANSWERS] : 'open';
}

const ANSWERS = { acknowledged: 'acknowledged', snoozed: 'snoozed', reopened: 'open' } as const;

/** Together with its suffix a dedup key stays below PagerDuty's 255 characters. */
const ALERT_ID = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,199}$/;
const DEDUP_KEY = /^([^/]+)\/L\d{1,2}\/R\d{1,6}(?:\/T\d{1,4})?$/;

export const isAlertId = (text: string): boolean => ALERT_ID.test(text);

/** A page's dedup key: each page has one of its own, since a trigger on a key that is open notifies nobody. */
export const dedupKeyOf = (alertId: string, { level, repeat, target }: PagePlace): string =>
  `${alertId}/L${level}/R${repeat}${target > 1 ? `/T${target}` : ''}`;

/** The alert that a dedup key belongs to; undefined for a key that is not one of ours. */
export function alertIdOf(dedupKey: string): string | undefined {
  const alertId = DEDUP_KEY.exec(dedupKey)?.[1];
  return alertId !== undefined && isAlertId(alertId) ? alertId : undefined;
}
