import { transitionText } from '../alert-text';
import { storyText, type Alert, type Reconciliation } from '../views';

/** Something that happened, with its time (RFC 3339). */
export interface Moment {
  readonly at: string;
  readonly who: string;
  readonly what: string;
}

/** Everything in the order in which it happened: the window's story, the alert's transitions, and what the demo itself did and saw. */
export function timelineOf(window: Reconciliation, alert: Alert, others: readonly Moment[]): Moment[] {
  const story = window.story.map((step) => ({ at: step.at, who: 'window', what: storyText(step) }));
  const transitions = alert.transitions.map((one) => ({ at: one.at, who: 'alert', what: transitionText(one) }));
  return [...others, ...story, ...transitions].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

export function timelineText(moments: readonly Moment[]): string {
  const width = Math.max(...moments.map(({ who }) => who.length));
  return moments
    .map(({ at, who, what }) => `${new Date(at).toISOString().slice(11, 23)}  ${who.padEnd(width)}  ${what}`)
    .join('\n');
}
