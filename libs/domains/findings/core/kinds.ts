/** What an inspection may find. A closed list, made to be extended: a kind has its severity here, and its words in the guide. */
export const FINDING_KINDS = [
  'sequence_gap',
  'sequence_duplicate',
  'sequence_reset',
  'out_of_order',
  'lull',
  'clock_skew',
  'checksum_mismatch',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export const SEVERITIES = ['critical', 'error', 'warning', 'info'] as const;
export type FindingSeverity = (typeof SEVERITIES)[number];

/** Critical is what lost or changed data, or says that nothing comes any more. */
export const SEVERITY_OF: Readonly<Record<FindingKind, FindingSeverity>> = {
  sequence_gap: 'critical',
  checksum_mismatch: 'critical',
  lull: 'critical',
  sequence_duplicate: 'error',
  clock_skew: 'warning',
  out_of_order: 'info',
  sequence_reset: 'info',
};
