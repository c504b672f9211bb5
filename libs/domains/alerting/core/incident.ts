import type { Transition } from './alert';

/** Something that happened to an alert of which PagerDuty's REST API is asked or told. */
export interface IncidentStep {
  readonly alertId: string;
  /** Number of the transition. */
  readonly seq: number;
  /** Of the page whose incident is looked for; '' where the alert's incidents get a note. */
  readonly dedupKey: string;
}

/** What follows from these transitions. @param takesNotes whether notes can be written */
export function stepsOf(alertId: string, transitions: readonly Transition[], takesNotes: boolean): IncidentStep[] {
  return transitions.flatMap((one) => {
    const { seq } = one;
    if (one.kind === 'paged' && one.destination.kind === 'pagerduty') return [{ alertId, seq, dedupKey: one.dedupKey }];
    return takesNotes && isNoted(one) ? [{ alertId, seq, dedupKey: '' }] : [];
  });
}

const isNoted = ({ kind, ...rest }: Transition): boolean =>
  kind === 'resolved' || (kind === 'reopened' && 'reason' in rest && rest.reason === 'reassigned');

/**
 * What the note says. The alert and the number of its transition make it a text of its own: by it a repeat knows that it is there.
 * @param by '' when Holdfast did it
 */
export function noteOf(
  alertId: string,
  {
    kind,
    seq,
    by,
    reason,
  }: { readonly kind: string; readonly seq: number; readonly by: string; readonly reason: string },
): string {
  const who = by === '' ? '' : ` by ${by}`;
  const what = kind === 'resolved' ? `Resolved in Holdfast${who}: ${reason}.` : `Reassigned in Holdfast${who}.`;
  return `${what} (${alertId}, ${seq})`;
}
