import {
  dueAt,
  type Escalation,
  type EscalationEvent,
  mayPage,
  newEscalation,
  type Phase,
  stepped,
  type Stepped,
} from './escalation';
import type { PolicySnapshot } from './escalation-policy';

const SECOND = 1_000_000;
const NOW = 1_000 * SECOND;
const target = { kind: 'person', person: 'on-call-a' } as const;
const level = (seconds: number, delaySeconds = 0) => ({
  targets: [target],
  acknowledgeTimeoutSeconds: seconds,
  delaySeconds,
});
const POLICY: PolicySnapshot = {
  levels: [level(60), level(120)],
  repeats: 1,
  acknowledgementExpiresSeconds: 600,
  group: { by: [], waitSeconds: 30, intervalSeconds: 300 },
};

/** An escalation that stands in a phase, at level 1 of the first run. */
const PHASES: Readonly<Record<Phase['is'], Phase>> = {
  delayed: { is: 'delayed', until: NOW + 10 * SECOND },
  preparing: { is: 'preparing' },
  held: { is: 'held', until: NOW + 10 * SECOND },
  paging: { is: 'paging', until: NOW + 60 * SECOND, accepted: true, pages: 1, refused: 0 },
  exhausted: { is: 'exhausted' },
  acknowledged: { is: 'acknowledged', expiresAt: NOW + 600 * SECOND },
  snoozed: { is: 'snoozed', until: NOW + 60 * SECOND },
  resolved: { is: 'resolved' },
};
const standing = (is: Phase['is'], more: Partial<Escalation> = {}): Escalation => ({
  ...newEscalation(POLICY),
  phase: PHASES[is],
  ...more,
});
const step = { level: 1, repeat: 0 };
const EVENTS: Readonly<Record<string, EscalationEvent>> = {
  prepared: { is: 'prepared', step, pages: 1 },
  'prepared, nobody': { is: 'prepared', step, pages: 0 },
  held: { is: 'held', step, reason: 'window', by: 'w', until: NOW + 99 * SECOND },
  accepted: { is: 'accepted', step },
  refused: { is: 'refused', step },
  acknowledged: { is: 'acknowledged' },
  snoozed: { is: 'snoozed', by: 'a', until: NOW + 99 * SECOND },
  taken_back: { is: 'taken_back', by: 'a' },
  reassigned: { is: 'reassigned', by: 'a', targets: [target] },
  'a later version': { is: 'policy', by: 'a', policy: { ...POLICY, levels: [level(9)] }, isOther: false },
  'another policy': { is: 'policy', by: 'a', policy: { levels: [level(9)], repeats: 0 }, isOther: true },
  news: { is: 'news' },
  look_again: { is: 'look_again' },
  resolved: { is: 'resolved' },
  time: { is: 'time' },
};

const whereTo = (from: Phase['is'], event: string): string => {
  const { state } = stepped(standing(from), EVENTS[event]!, NOW);
  const moved = state.level !== 1 || state.repeat !== 0 ? ` L${state.level}/R${state.repeat}` : '';
  return `${state.phase.is}${moved}`;
};

/** What every event makes of every phase; where nothing stands it changes nothing. */
const TABLE: Readonly<Record<Phase['is'], Readonly<Record<string, string>>>> = {
  delayed: {
    acknowledged: 'acknowledged',
    snoozed: 'snoozed',
    reassigned: 'preparing L0/R1',
    'another policy': 'preparing L1/R1',
    resolved: 'resolved',
  },
  preparing: {
    prepared: 'paging',
    'prepared, nobody': 'preparing L2/R0',
    held: 'held',
    acknowledged: 'acknowledged',
    snoozed: 'snoozed',
    reassigned: 'preparing L0/R1',
    'another policy': 'preparing L1/R1',
    resolved: 'resolved',
  },
  held: {
    'a later version': 'preparing',
    'another policy': 'preparing L1/R1',
    news: 'preparing',
    acknowledged: 'acknowledged',
    snoozed: 'snoozed',
    reassigned: 'preparing L0/R1',
    look_again: 'preparing',
    resolved: 'resolved',
  },
  paging: {
    refused: 'preparing L2/R0',
    'another policy': 'preparing L1/R1',
    acknowledged: 'acknowledged',
    snoozed: 'snoozed',
    reassigned: 'preparing L0/R1',
    resolved: 'resolved',
  },
  exhausted: {
    'a later version': 'preparing L1/R1',
    'another policy': 'preparing L1/R1',
    acknowledged: 'acknowledged',
    snoozed: 'snoozed',
    reassigned: 'preparing L0/R1',
    resolved: 'resolved',
  },
  acknowledged: {
    snoozed: 'snoozed',
    taken_back: 'preparing L1/R1',
    reassigned: 'preparing L0/R1',
    resolved: 'resolved',
  },
  snoozed: {
    acknowledged: 'acknowledged',
    taken_back: 'preparing L1/R1',
    reassigned: 'preparing L0/R1',
    resolved: 'resolved',
  },
  resolved: {},
};

describe.each(Object.keys(PHASES) as Phase['is'][])('an escalation that is %s', (from) => {
  it.each(Object.keys(EVENTS))('and meets %s', (event) => {
    expect(whereTo(from, event)).toBe(TABLE[from][event] ?? from);
  });

  it('is left where it is by what comes late, for a step that it is not at any more', () => {
    const late = { level: 2, repeat: 0 };
    for (const event of [
      { is: 'prepared', step: late, pages: 1 },
      { is: 'held', step: late, reason: 'window', by: 'w', until: NOW },
      { is: 'refused', step: late },
    ] as const)
      expect(stepped(standing(from), event, NOW).state).toEqual(standing(from));
  });
});

const after = (...events: readonly (readonly [seconds: number, event: EscalationEvent])[]): Stepped => {
  let last: Stepped = { state: newEscalation(POLICY), effects: [] };
  for (const [seconds, event] of events) last = stepped(last.state, event, NOW + seconds * SECOND);
  return last;
};
const opened = [0, { is: 'opened', gatherSeconds: 0 }] as const;
const paged = [0, { is: 'prepared', step, pages: 1 }] as const;

describe('two things at one instant', () => {
  const both = (a: EscalationEvent, b: EscalationEvent, at: number) => [
    after(opened, paged, [0, { is: 'accepted', step }], [at, a], [at, b]).state,
    after(opened, paged, [0, { is: 'accepted', step }], [at, b], [at, a]).state,
  ];

  it('an acknowledgement and the timeout: somebody takes care either way', () => {
    for (const { phase } of both({ is: 'acknowledged' }, { is: 'time' }, 60)) expect(phase.is).toBe('acknowledged');
  });
  it('a snooze and a resolve: it is over either way', () => {
    const snoozed = { is: 'snoozed', by: 'a', until: NOW + 99 * SECOND } as const;
    for (const { phase } of both(snoozed, { is: 'resolved' }, 10)) expect(phase.is).toBe('resolved');
  });
  it('a later policy and the end of a level: the level ends as it began, and the next one is of the later policy', () => {
    const policy = { levels: [level(9), level(7), level(5)], repeats: 0 };
    const [first, second] = both({ is: 'policy', by: 'a', policy, isOther: false }, { is: 'time' }, 60);
    for (const one of [first!, second!]) expect([one.level, one.policy.levels.length]).toEqual([2, 3]);
    expect(first!.phase.is).toBe('preparing');
  });
  it('an acknowledgement and a page that is being looked up: nobody is paged', () => {
    const { state } = after(opened, [0, { is: 'acknowledged' }]);
    expect(mayPage(state, step, false)).toBe(false);
  });
});

describe('news of a group', () => {
  const acknowledged = after(opened, paged, [0, { is: 'accepted', step }], [20, { is: 'acknowledged' }]).state;

  it('pages again when the interval since the last page is over, once for all that joined', () => {
    const told = stepped(acknowledged, { is: 'news' }, NOW + 30 * SECOND).state;
    const again = stepped(told, { is: 'news' }, NOW + 40 * SECOND).state;
    expect(dueAt(again)).toBe(NOW + 300 * SECOND);
    expect(stepped(again, { is: 'time' }, NOW + 300 * SECOND).state).toMatchObject({ level: 1, repeat: 1 });
  });
});

it('a ladder that has become shorter than where it stands begins at level 1', () => {
  const policy = { levels: [level(9)], repeats: 0 };
  const { state } = stepped(standing('paging', { level: 2 }), { is: 'policy', by: 'a', policy, isOther: false }, NOW);
  expect([state.level, state.repeat, state.phase.is]).toEqual([1, 1, 'preparing']);
});

it('what joins a group that nobody answered for pages again', () => {
  const told = stepped(standing('exhausted', { lastPagedAt: NOW }), { is: 'news' }, NOW + SECOND).state;
  expect(dueAt(told)).toBe(NOW + 300 * SECOND);
  expect(stepped(told, { is: 'time' }, NOW + 300 * SECOND).state).toMatchObject({ level: 1, repeat: 1 });
});

it('what keeps it quiet is told again after it was reopened', () => {
  const quiet: EscalationEvent = { is: 'held', step, reason: 'window', by: 'w', until: NOW + 99 * SECOND };
  const first = stepped(standing('preparing'), quiet, NOW);
  const again = stepped({ ...first.state, phase: { is: 'preparing' } }, quiet, NOW);
  const { state } = stepped(first.state, { is: 'reassigned', by: 'a', targets: [target] }, NOW);
  const after = stepped(state, { ...quiet, step: { level: state.level, repeat: state.repeat } }, NOW);
  const notes = ({ effects }: Stepped): number => effects.filter((one) => one.do === 'note').length;
  expect([notes(first), notes(again), notes(after)]).toEqual([1, 0, 1]);
});

describe('a change of shift', () => {
  const handoverAt = NOW + 30 * SECOND;

  it('pages beside the level, whose time goes on', () => {
    const { state, effects } = after(opened, [0, { is: 'prepared', step, pages: 1, handoverAt }], [30, { is: 'time' }]);
    expect(effects.map((one) => one.do)).toEqual(['note', 'page']);
    expect(state.phase).toMatchObject({ is: 'paging', until: NOW + 60 * SECOND });
    expect(mayPage(state, step, true)).toBe(true);
  });

  it('pages after an acknowledgement only where the policy says so', () => {
    const take = (handover: PolicySnapshot['handover']) => {
      const state = { ...newEscalation({ ...POLICY, handover }), level: 1 };
      const waiting = stepped(state, { is: 'prepared', step, pages: 1, handoverAt }, NOW).state;
      return dueAt(stepped(waiting, { is: 'acknowledged' }, NOW).state);
    };
    expect(take('always')).toBe(handoverAt);
    expect(take('unacknowledged')).toBe(NOW + 600 * SECOND);
  });
});
