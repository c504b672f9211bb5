import type { Micros } from '@holdfast/kernel';
import type { AlertsOf, FindingState } from './finding';
import type { FindingKind, FindingSeverity } from './kinds';

/** A finding with what people said of it and what became of its alerts. */
export interface StoredFinding extends AlertsOf {
  readonly impact: { readonly cases: number; readonly amount: string; readonly currency: string };
  readonly changedAt: Micros;
}
/** What may happen to a finding. */
export const FINDING_STEPS = ['found', 'reopened', 'triaged', 'fixed', 'accepted', 'alerted', 'alert_ended'] as const;

/** Something that happened to a finding, by whom: '' for Holdfast. What does not apply is '' or null. */
export interface FindingStep {
  readonly doneAt: Micros;
  readonly step: (typeof FINDING_STEPS)[number];
  readonly doneBy: string;
  readonly owner: string;
  readonly cases: number | null;
  readonly amount: string;
  readonly currency: string;
  readonly reason: string;
  readonly alert: string;
}

/** What a list is made by; what is left out does not matter. */
export interface FindingFilter {
  readonly kind?: FindingKind | undefined;
  readonly state?: FindingState | undefined;
  readonly source?: string | undefined;
  readonly process?: string | undefined;
  readonly owner?: string | undefined;
  readonly severity?: FindingSeverity | undefined;
}
/** Where a page begins: before this finding, newest first. */
export interface FindingPosition {
  readonly beforeAt: Micros;
  readonly before: string;
}
export const NEWEST: FindingPosition = { beforeAt: 7_258_118_400_000_000, before: '' };
