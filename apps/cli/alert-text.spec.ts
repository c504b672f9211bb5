import { targetOf, targetText, transitionText } from './alert-text';
import { changes, frameOf, type Watched } from './commands/alert-watch';

const told = (one: object): string => transitionText({ seq: 1, at: '2026-11-01T00:00:00Z', kind: '', ...one });

test('transitions are told in words', () => {
  const place = { level: 2, repeat: 1, target: 1 };
  const mail = { person: 'on-call-a', channel: 'mail' };
  expect([
    told({ kind: 'paged', ...place, ...mail }),
    told({ kind: 'paged', level: 0, repeat: 0, routingKey: 'first' }),
    told({ kind: 'fell_back', ...place, ...mail, code: 'channel_open' }),
    told({ kind: 'nobody', ...place, code: 'off_shift', reason: 'rota' }),
    told({ kind: 'held', reason: 'quiet_hours', by: 'ladder', until: '2026-11-01T06:00:00Z' }),
    told({ kind: 'released' }),
    told({ kind: 'handed_over', level: 1, repeat: 0 }),
    told({ kind: 'snoozed', by: 'on-call-a', until: '2026-11-01T06:00:00Z' }),
    told({ kind: 'reopened', by: '', reason: 'acknowledgement_expired' }),
    told({ kind: 'grouped', by: 'group~ladder~1' }),
  ]).toEqual([
    'paged level 2, repeat 1 (on-call-a, mail)',
    'paged those named (first)',
    'page to level 2, repeat 1 (on-call-a, mail) not taken (channel_open): the next one is tried',
    'nobody to page at level 2, repeat 1: nobody has the schedule rota',
    'kept quiet by quiet hours of ladder until 2026-11-01T06:00:00Z',
    'kept quiet no longer',
    'the shift changed: who has it now is paged at level 1',
    'snoozed by on-call-a until 2026-11-01T06:00:00Z',
    'pages again: the acknowledgement has expired',
    'told as part of group~ladder~1',
  ]);
});

test('targets are read as they are written', () => {
  for (const text of ['person:on-call-a', 'schedule:rota', 'channel:mail', 'pagerduty:first'])
    expect(targetText(targetOf(text))).toBe(text);
  for (const text of ['person:', ':x', 'team:x', 'on-call-a', '']) expect(() => targetOf(text)).toThrow('is no target');
});

test('a watch shows what is open, and tells what differs', () => {
  const one: Watched = {
    ...{ id: 'a.1', state: 'open', severity: 'error', since: '2026-11-01T00:00:00Z' },
    ...{ next: 'paging level 1', who: 'on-call-a' },
  };
  const taken = { ...one, state: 'acknowledged', next: 'acknowledged' };
  expect(frameOf([one]).split('\n')[1]).toBe('a.1    error     open   2026-11-01T00:00:00Z  paging level 1  on-call-a');
  expect(frameOf([])).toBe('there are no open alerts');
  expect(changes([], [one])).toEqual([one]);
  expect(changes([one], [{ ...one }])).toEqual([]);
  expect(changes([one], [taken])).toEqual([taken]);
  expect(changes([one], [])).toEqual([{ ...one, state: 'over', next: '', who: '' }]);
});
