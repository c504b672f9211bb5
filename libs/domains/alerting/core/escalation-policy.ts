import type { Severity } from './alert';

/** Whom a level pages. Names only: a routing key of HOLDFAST_PAGERDUTY_ROUTING_KEYS, and documents. */
export type PageTarget =
  | { readonly kind: 'pagerduty'; readonly routingKey: string }
  /** `otherwise`: channels that take over, in this order, when the one before fails. */
  | { readonly kind: 'channel'; readonly channel: string; readonly otherwise?: readonly string[] | undefined }
  | { readonly kind: 'person'; readonly person: string }
  /** Who has the on-call schedule when the level is paged. */
  | { readonly kind: 'schedule'; readonly schedule: string };

export interface EscalationLevel {
  /** Paged at once. */
  readonly targets: readonly PageTarget[];
  /** How long the level waits before it pages, so that what heals by itself wakes nobody. */
  readonly delaySeconds?: number | undefined;
  /** How long the ladder waits for an acknowledgement, from the first page that was accepted. */
  readonly acknowledgeTimeoutSeconds: number;
}

/** When alerts of these severities wait; by the wall clock of the zone, across midnight where they end before they begin. */
export interface QuietHours {
  readonly severities: readonly Severity[];
  readonly zone: string;
  readonly from: string;
  readonly to: string;
}

/** Alerts of one policy that share these labels are told as one. */
export interface Grouping {
  /** Names of labels. */
  readonly by: readonly string[];
  /** How long a new group gathers before it pages. */
  readonly waitSeconds: number;
  /** Alerts that join after somebody acknowledged page again, this long after the last page at the earliest. */
  readonly intervalSeconds: number;
}

/** Who is paged, in which order, for how long. */
export interface EscalationPolicyDefinition {
  readonly description?: string | undefined;
  readonly levels: readonly EscalationLevel[];
  /** How often the whole ladder is run again when nobody acknowledges. */
  readonly repeats: number;
  /** After this long an acknowledgement does not count any more, and the ladder begins again. */
  readonly acknowledgementExpiresSeconds?: number | undefined;
  readonly quietHours?: QuietHours | undefined;
  readonly group?: Grouping | undefined;
  /** When a shift changes: who has it now is paged while nobody has acknowledged, or always, until the alert is resolved. */
  readonly handover?: 'unacknowledged' | 'always' | undefined;
}

/** What an escalation follows: the policy as it was when the alert was raised, until somebody has it follow a later version. */
export type PolicySnapshot = Pick<
  EscalationPolicyDefinition,
  'levels' | 'repeats' | 'acknowledgementExpiresSeconds' | 'quietHours' | 'group' | 'handover'
>;
