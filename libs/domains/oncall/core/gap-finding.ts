import type { Observation } from '@holdfast/domains/findings/core/finding';
import type { Micros } from '@holdfast/kernel';
import type { ScheduleDefinition } from './schedule';
import type { Span } from './timeline';
import { DAY } from './wall-time';

/** How far ahead gaps are told. */
export const TOLD_AHEAD: Micros = 14 * DAY;
/** A gap that begins so soon pages: until then there is time to fill it by day. */
const PAGED_AHEAD: Micros = DAY;

/** What the gaps of a schedule are to findings: one of the schedule while there are any, gone when they are filled or nobody wants to hear of them. */
export function gapObservation(
  id: string,
  { owner, escalationPolicy = '', reportGaps }: ScheduleDefinition,
  gaps: readonly Span[],
  at: Micros,
): Observation {
  const [first, last] = [gaps[0], gaps.at(-1)];
  const told = reportGaps && first !== undefined && last !== undefined;
  const isNear = told && first.from - at <= PAGED_AHEAD;
  const seconds = gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0) / 1_000_000;
  return {
    kind: 'on_call_gap',
    scope: { source: '', process: '', stage: '' },
    begins: '',
    standing: told ? 'present' : 'gone',
    adds: false,
    extent: {
      numbers: undefined,
      fromAt: told ? first.from : at,
      toAt: told ? last.to : at,
      cases: told ? gaps.length : 0,
      measures: told ? { gap_seconds: Math.round(seconds) } : {},
    },
    asked: { subject: `on-call-schedule/${id}`, owner, policy: isNear ? escalationPolicy : '' },
  };
}
