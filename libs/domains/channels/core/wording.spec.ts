import { cut, isWebUrl, outcomeOf, plainText, titleOf } from './wording';
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

test('an address of the web is http or https, in one piece, and of at most 1,000 characters', () => {
  const longest = `https://a.example/${'x'.repeat(982)}`;
  for (const url of ['http://a.example', 'HTTPS://a.example/b?c="d"#e', longest])
    expect([url, isWebUrl(url)]).toEqual([url, true]);
  for (const url of [
    ...['', '!channel', 'a.example', '//a.example', 'https:a.example', 'https://', 'https://a.example:port'],
    ...['javascript:alert(1)', 'data:text/html,x', 'ftp://a.example', 'slack://user', 'xhttps://a.example'],
    ...[
      ' https://a.example',
      'https://a.example\n<!here>',
      'https://a.example/ b',
      'https://a.example/\u0000',
      `${longest}x`,
    ],
  ])
    expect([url, isWebUrl(url)]).toEqual([url, false]);
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
