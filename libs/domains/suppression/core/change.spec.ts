import { type ChangeReport, type ChangeState, changeOf, concerns, spanOfChange } from './change';

const SECOND = 1_000_000;
const when = {
  kind: 'deployment',
  changes: [{ label: 'env', op: '=', value: 'prod' }],
  afterSeconds: 10,
  maxSeconds: 100,
} as const;
const report = (state: ChangeState, at: number, reportedAt = at, over: Partial<ChangeReport> = {}): ChangeReport => ({
  ...{ id: 'c', kind: 'deployment', state, labels: { env: 'prod' }, title: '', link: '', by: '' },
  ...{ at: at * SECOND, reportedBy: 'ci', reportedAt: reportedAt * SECOND, ...over },
});

/** State and time by the teller's clock, and by ours; what mutes comes of the teller's. */
test.each<[string, [ChangeState, number, number?][], [number, number] | undefined, ChangeState]>([
  ['under way: as long as it may', [['started', 1_000]], [1_000, 1_100], 'started'],
  [
    'ended: a little longer',
    [
      ['started', 1_000],
      ['finished', 1_030],
    ],
    [1_000, 1_040],
    'finished',
  ],
  [
    'failed',
    [
      ['started', 1_000],
      ['failed', 1_030],
    ],
    [1_000, 1_040],
    'failed',
  ],
  [
    'finished, then rolled back',
    [
      ['started', 1_000],
      ['finished', 1_030],
      ['rolled_back', 1_060],
    ],
    [1_000, 1_070],
    'rolled_back',
  ],
  [
    'longer than it may',
    [
      ['started', 1_000],
      ['finished', 5_000],
    ],
    [1_000, 1_100],
    'finished',
  ],
  ['without a length', [['occurred', 1_000]], [1_000, 1_010], 'occurred'],
  ['of which only the end was told', [['finished', 1_030]], [1_030, 1_040], 'finished'],
  [
    'told in another order',
    [
      ['finished', 1_030, 1_031],
      ['started', 1_000, 1_035],
    ],
    [1_000, 1_040],
    'finished',
  ],
  [
    'a clock that jumped back by an hour in between',
    [
      ['started', 5_000, 5_000],
      ['finished', 1_430, 5_030],
    ],
    [5_000, 5_010],
    'finished',
  ],
  [
    'a clock that jumped ahead by an hour in between',
    [
      ['started', 1_000, 1_000],
      ['finished', 4_630, 1_030],
    ],
    [1_000, 1_100],
    'finished',
  ],
  [
    'told twice: the first counts',
    [
      ['started', 1_000, 1_000],
      ['started', 900, 1_005],
      ['finished', 1_030],
      ['finished', 1_090],
    ],
    [1_000, 1_040],
    'finished',
  ],
  [
    'told twice by a clock of ours that jumped back',
    [
      ['started', 1_000, 1_000],
      ['finished', 1_030, 500],
    ],
    [1_000, 1_040],
    'finished',
  ],
])('a change: %s', (_, told, expected, state) => {
  const change = changeOf(told.map(([one, at, reportedAt]) => report(one, at, reportedAt)));
  const span = spanOfChange(change, when);
  expect(span && [span.from / SECOND, span.to / SECOND]).toEqual(expected);
  expect(change.state).toBe(state);
  expect(change.endedAt === undefined).toBe(state === 'started');
});

test('what was said of it once need not be said again, and labels decide whether a window opens', () => {
  const change = changeOf([
    report('started', 1_000, 1_000, { title: 'build 7', labels: { env: 'prod', service: 'erp' } }),
    report('finished', 1_030, 1_030, { by: 'ci', labels: { build: '7' } }),
  ]);
  expect(change).toMatchObject({
    title: 'build 7',
    by: 'ci',
    labels: { env: 'prod', service: 'erp', build: '7', kind: 'deployment' },
  });
  const only = (label: string, value: string) =>
    spanOfChange(change, { ...when, changes: [{ label, op: '=', value }] });
  expect(
    [only('kind', 'deployment'), only('kind', 'migration'), only('build', '7'), only('env', 'dev')].map(
      (one) => one !== undefined,
    ),
  ).toEqual([true, false, true, false]);
});

test('it concerns what has a label in common with it, and none that differs', () => {
  const change = changeOf([report('started', 1_000, 1_000, { labels: { env: 'prod', service: 'erp' } })]);
  expect(
    [
      { env: 'prod' },
      { env: 'prod', service: 'shop' },
      { process: 'p' },
      { service: 'erp', process: 'p' },
      { kind: 'deployment' },
      {},
    ].map((labels) => concerns(change, labels as Record<string, string>)),
  ).toEqual([true, false, false, true, false, false]);
});
