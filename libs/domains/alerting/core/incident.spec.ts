import type { Transition } from './alert';
import { noteOf, stepsOf } from './incident';

const paged = (seq: number, destination: object): Transition =>
  ({
    kind: 'paged',
    seq,
    at: 0,
    level: 1,
    repeat: 0,
    target: 1,
    person: '',
    dedupKey: `a/L1/R${seq}`,
    destination,
  }) as Transition;
const happened: Transition[] = [
  { kind: 'raised', by: '', seq: 0, at: 0 },
  paged(1, { kind: 'pagerduty', routingKey: 'first' }),
  paged(2, { kind: 'channel', channel: 'mail' }),
  { kind: 'reopened', by: 'on-call-a', reason: 'reassigned', seq: 3, at: 0 },
  { kind: 'reopened', by: 'on-call-a', reason: 'woke', seq: 4, at: 0 },
  { kind: 'resolved', by: '', reason: 'healed', seq: 5, at: 0 },
];

test('pages of PagerDuty are linked; notes follow the end and a reassignment', () => {
  const link = { alertId: 'a', seq: 1, dedupKey: 'a/L1/R1' };
  const notes = [3, 5].map((seq) => ({ alertId: 'a', seq, dedupKey: '' }));
  expect(stepsOf('a', happened, true)).toEqual([link, ...notes]);
  expect(stepsOf('a', happened, false)).toEqual([link]);
});

test('a note says who and why, and is a text of its own', () => {
  expect(noteOf('a.1', { kind: 'resolved', by: '', reason: 'healed', seq: 5 })).toBe(
    'Resolved in Holdfast: healed. (a.1, 5)',
  );
  expect(noteOf('a.1', { kind: 'reopened', by: 'on-call-a', reason: 'reassigned', seq: 3 })).toBe(
    'Reassigned in Holdfast by on-call-a. (a.1, 3)',
  );
});
