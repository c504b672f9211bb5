/** What an inspection may find in what sources send. A closed list, made to be extended: a kind has its severity here, and its words in the guide. */
export const INSPECTED_KINDS = [
  'sequence_gap',
  'sequence_duplicate',
  'sequence_reset',
  'out_of_order',
  'lull',
  'clock_skew',
  'checksum_mismatch',
] as const;
/** What may become of objectives and references; whom they page stands in their documents. */
export const QUALITY_KINDS = [
  'objective_breached',
  'objective_at_risk',
  'orphan_in_tracking',
  'orphan_in_business',
] as const;
/** What may become of scheduled comparisons. */
export const COMPARISON_KINDS = ['data_sets_differ', 'comparison_failed'] as const;
/** What may be ahead of on-call schedules. */
export const ON_CALL_KINDS = ['on_call_gap'] as const;
export const FINDING_KINDS = [...INSPECTED_KINDS, ...QUALITY_KINDS, ...COMPARISON_KINDS, ...ON_CALL_KINDS] as const;
export type InspectedKind = (typeof INSPECTED_KINDS)[number];
export type FindingKind = (typeof FINDING_KINDS)[number];

export const SEVERITIES = ['critical', 'error', 'warning', 'info'] as const;
export type FindingSeverity = (typeof SEVERITIES)[number];

/** Critical is what lost or changed data, or says that nothing comes any more. */
export const SEVERITY_OF: Readonly<Record<FindingKind, FindingSeverity>> = {
  sequence_gap: 'critical',
  checksum_mismatch: 'critical',
  lull: 'critical',
  objective_breached: 'critical',
  data_sets_differ: 'critical',
  comparison_failed: 'error',
  on_call_gap: 'error',
  orphan_in_tracking: 'error',
  orphan_in_business: 'error',
  sequence_duplicate: 'error',
  objective_at_risk: 'warning',
  clock_skew: 'warning',
  out_of_order: 'info',
  sequence_reset: 'info',
};
