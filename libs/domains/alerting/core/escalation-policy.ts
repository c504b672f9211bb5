/** Where a page goes. `routingKey` is a name of HOLDFAST_PAGERDUTY_ROUTING_KEYS. */
export interface PageTarget {
  readonly kind: 'pagerduty';
  readonly routingKey: string;
}

export interface EscalationLevel {
  /** Paged at once; each with a routing key that no other target of the policy has. */
  readonly targets: readonly PageTarget[];
  /** How long the ladder waits for an acknowledgement, from the first page that was accepted. */
  readonly acknowledgeTimeoutSeconds: number;
}

/** Who is paged, in which order, for how long. */
export interface EscalationPolicyDefinition {
  readonly description?: string | undefined;
  readonly levels: readonly EscalationLevel[];
  /** How often the whole ladder is run again when nobody acknowledges. */
  readonly repeats: number;
}

/** What an escalation follows: the policy as it was when the alert was raised. */
export type PolicySnapshot = Pick<EscalationPolicyDefinition, 'levels' | 'repeats'>;
