import { cut, outcomeOf, plainText, titleOf } from './wording';
import type { Notification } from './notification';

const NOTIFICATION: Notification = {
  ...{ key: 'a/1', alertId: 'a', severity: 'error', title: '3 orders are missing', raisedAt: 0, mayRepeat: false },
  facts: [
    { name: 'process', value: 'order-to-cash' },
    { name: 'open', value: '3' },
  ],
  links: [{ text: 'Alert', url: 'https://holdfast.example/a' }],
  acknowledgeUrl: 'https://holdfast.example/ack',
  labels: {},
};

test('plain text says everything in order', () => {
  expect(plainText(NOTIFICATION)).toBe(
    [
      '3 orders are missing',
      '',
      'severity: error',
      'process: order-to-cash',
      'open: 3',
      '',
      'Alert: https://holdfast.example/a',
      'Acknowledge: https://holdfast.example/ack',
    ].join('\n'),
  );
});

test('what may be a repeat says so', () => {
  expect(titleOf({ ...NOTIFICATION, mayRepeat: true })).toBe('(may be a repeat) 3 orders are missing');
});

test('a text that is too long ends in an ellipsis, never in half of a character', () => {
  expect([cut('abcd', 4), cut('abcde', 4), cut('ab😀de', 4)]).toEqual(['abcd', 'abc…', 'ab…']);
});

test('an outcome names who did it, if anybody', () => {
  const followUp = { key: 'k', alertId: 'a', title: 't', event: 'resolved' as const };
  expect([outcomeOf({ ...followUp, by: '' }), outcomeOf({ ...followUp, by: 'on-call-a' })]).toEqual([
    'Resolved',
    'Resolved by on-call-a',
  ]);
});
