import type { Micros } from '@holdfast/kernel';

export type Severity = 'critical' | 'error' | 'warning' | 'info';

/** What an alert is about; a `test` is a page that somebody asked for to try a policy. */
export interface AlertSubject {
  readonly kind: 'reconciliation' | 'finding' | 'rule' | 'test';
  readonly id: string;
}

/** What the one who raises an alert says. Stands in histories: ids and counts only, no free text, no rows, no personal data. */
export interface AlertToEscalate {
  /** Made by the raiser, the same for the same fact: `<fingerprint>.<n>`. 1 to 200 of `A-Za-z0-9._~-`. */
  readonly alertId: string;
  /** What alerts about the same thing have in common; for a window the id of its reconciliation, for a finding its kind and id. */
  readonly fingerprint: string;
  /** The process that is concerned, '' for none in particular; for a test of a policy the policy's id. */
  readonly process: string;
  readonly subject: AlertSubject;
  readonly severity: Severity;
  /** Id of the escalation policy. */
  readonly policy: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly facts: { readonly open: number; readonly revision: number };
  /** The principal who asked for it; none when Holdfast raises it. */
  readonly raisedBy?: string;
}

/** What people are told beside it. */
export interface AlertContext {
  readonly summary: string;
  readonly since?: Micros;
  readonly owner?: string;
  readonly runbook?: string;
}

/** Somebody takes care: nobody else is paged. */
export interface Acknowledgement {
  /** A principal's id, or `pagerduty:<agent id>`. */
  readonly by: string;
  readonly via: 'api' | 'pagerduty';
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

/** One page as PagerDuty knows it. `routingKey` is its name in the configuration, never the key. */
export interface Page {
  readonly dedupKey: string;
  readonly routingKey: string;
}

/** A page's place: levels and targets count from 1, repeats from 0, which is the ladder's first run. */
export interface PagePlace {
  readonly level: number;
  readonly repeat: number;
  readonly target: number;
}

/** Something that happened to an alert. */
export type Happening =
  | { readonly kind: 'raised'; readonly by: string }
  /** `at` is when PagerDuty accepted the page. */
  | ({ readonly kind: 'paged' } & PagePlace & Page)
  /** A page that nobody will get: refused for good, or given up because somebody answered or the level's next repeat began. */
  | ({ readonly kind: 'page_failed'; readonly code: string } & PagePlace & Page)
  /** No page of the level was accepted within its acknowledge timeout: the ladder goes on, and the pages are tried further. */
  | { readonly kind: 'unreachable'; readonly level: number; readonly repeat: number }
  /** Nobody acknowledged within the level's timeout. */
  | { readonly kind: 'timed_out'; readonly level: number; readonly repeat: number }
  /** The whole ladder was run as often as the policy says, and nobody acknowledged. */
  | { readonly kind: 'exhausted' }
  | {
      readonly kind: 'acknowledged';
      readonly by: string;
      readonly via: string;
      readonly code: string;
      readonly deliveryId: string;
    }
  | { readonly kind: 'resolved'; readonly by: string; readonly reason: ResolveReason }
  /** PagerDuty refuses to take the acknowledgement or the resolve of a page: its incident has to be closed there by hand. */
  | ({ readonly kind: 'follow_up_failed'; readonly code: string } & Page);

/** A happening with its place in the alert's story, from 0, and its time. The same place is always the same happening. */
export type Transition = Happening & { readonly seq: number; readonly at: Micros };

export type AlertState = 'open' | 'acknowledged' | 'resolved';

/** The state after these transitions, in whatever order they come: nothing leads back. */
export function stateOf(transitions: readonly Pick<Transition, 'kind'>[]): AlertState {
  const happened = (kind: Transition['kind']): boolean => transitions.some((one) => one.kind === kind);
  if (happened('resolved')) return 'resolved';
  return happened('acknowledged') ? 'acknowledged' : 'open';
}
