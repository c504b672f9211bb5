import { contradictions, problemsOf } from './contradictions';
import { after, dateOf, dayOf, mayBeShorter } from './period';
import type { NamedPolicy, RetentionPolicyDefinition } from './policy';
import { decide, type KeptRecord, tierOn } from './precedence';

const day = (date: string): number => dayOf(Date.parse(`${date}T00:00:00Z`) * 1000);
const RECEIVED = day('2026-01-31');
const record = (over: Partial<KeptRecord> = {}): KeptRecord => ({
  ...{
    process: 'order-to-cash',
    class: 'standard',
    categories: ['financial'],
    severity: '',
    environment: '',
    region: 'eu',
  },
  ...{ receivedOn: RECEIVED, startedOn: new Map() },
  ...over,
});
const policy = (over: Partial<RetentionPolicyDefinition>): RetentionPolicyDefinition => ({
  ...{ match: {}, tiers: {}, action: 'delete', explicit: true, enabled: true },
  ...over,
});
const named = (policies: Readonly<Record<string, Partial<RetentionPolicyDefinition>>>): NamedPolicy[] =>
  Object.entries(policies).map(([id, over]) => ({ id, version: 1, policy: policy(over) }));
const told = (policies: NamedPolicy[], of = record(), holds: string[] = []): string[] => {
  const { rule, winner, goesOn, withoutHolds, lost } = decide(of, policies, holds);
  return [
    `${rule} ${winner?.policy ?? '-'} ${goesOn === undefined ? 'never' : dateOf(goesOn)}`,
    ...(holds.length > 0 ? [`without ${withoutHolds === undefined ? 'never' : dateOf(withoutHolds)}`] : []),
    ...lost.map(({ claim, to }) => `${claim.policy} ${claim.kind} ${to}`).sort(),
  ];
};
const tiers = (archive: string) => ({ hot: '0d', cold: '0d', archive });

describe('which rule decides', () => {
  test.each<[string, NamedPolicy[], string[]]>([
    ['nothing but what is built in', [], ['only built-in-standard 2033-02-01']],
    ['a delete alone', named({ a: { tiers: tiers('1y') } }), ['only a 2027-02-01']],
    [
      'retain beats delete',
      named({ keep: { action: 'retain', tiers: tiers('3y') }, go: { tiers: tiers('1y') } }),
      ['retain_over_delete keep 2029-02-01', 'go delete retain_over_delete'],
    ],
    [
      'the longest retain',
      named({
        a: { action: 'retain', tiers: tiers('3y') },
        b: { action: 'retain', tiers: tiers('9y') },
        go: { tiers: tiers('1y') },
      }),
      ['longest_retain b 2035-02-01', 'a retain longest_retain', 'go delete retain_over_delete'],
    ],
    [
      'explicit delete beats implicit, though later',
      named({ own: { tiers: tiers('5y') }, usual: { explicit: false, tiers: tiers('1y') } }),
      ['explicit_delete own 2031-02-01', 'usual delete explicit_delete'],
    ],
    [
      'the shortest delete',
      named({ a: { tiers: tiers('5y') }, b: { tiers: tiers('2y') }, usual: { explicit: false, tiers: tiers('1y') } }),
      ['shortest_delete b 2028-02-01', 'a delete shortest_delete', 'usual delete explicit_delete'],
    ],
    [
      'a delete, where what was retained is over by then',
      named({ keep: { action: 'retain', tiers: tiers('1y') }, go: { tiers: tiers('3y') } }),
      ['only go 2029-02-01', 'keep retain over'],
    ],
    [
      'a retain without a delete goes when what is built in says',
      named({ keep: { action: 'retain', tiers: tiers('1y') } }),
      ['only built-in-standard 2033-02-01', 'keep retain over'],
    ],
    [
      'for ever',
      named({ keep: { action: 'retain', tiers: tiers('forever') } }),
      ['retain_over_delete keep never', 'built-in-standard delete retain_over_delete'],
    ],
    [
      'a statutory minimum retains, though a shorter delete matches too',
      named({
        law: { tiers: tiers('10y'), statute: { minimum: '10y', source: 'HGB § 257' } },
        go: { match: { regions: ['eu'] }, tiers: tiers('1y') },
      }),
      ['retain_over_delete law 2036-02-01', 'go delete retain_over_delete', 'law delete retain_over_delete'],
    ],
    [
      'a statutory maximum deletes, though the policy retains for less',
      named({ law: { action: 'retain', tiers: tiers('1y'), statute: { maximum: '2y', source: 'a law' } } }),
      ['only law 2028-02-01', 'law retain over'],
    ],
    [
      'an event that has not happened: not as things stand',
      named({ closed: { tiers: tiers('1y'), startsOn: { type: 'case.closed' } } }),
      ['only closed never'],
    ],
    [
      'what does not match, or is disabled',
      named({ a: { match: { processes: ['x'] } }, b: { enabled: false } }),
      ['only built-in-standard 2033-02-01'],
    ],
  ])('%s', (_, policies, expected) => {
    expect(told(policies)).toEqual(expected);
    expect(told(policies.toReversed())).toEqual(expected);
  });

  it('a hold, before all else', () => {
    const policies = named({ go: { tiers: tiers('1y') }, keep: { action: 'retain', tiers: tiers('2y') } });
    expect(told(policies, record(), ['h-2', 'h-1'])).toEqual([
      'hold - never',
      'without 2028-02-01',
      'go delete hold',
      'keep retain hold',
    ]);
    expect(decide(record(), policies, ['h-2', 'h-1']).holds).toEqual(['h-1', 'h-2']);
  });

  it('counts from the last event of its key', () => {
    const policies = named({ closed: { tiers: tiers('1y'), startsOn: { type: 'case.closed', stage: 'erp' } } });
    const of = (start: string): KeptRecord => record({ startedOn: new Map([[start, day('2026-06-30')]]) });
    expect(told(policies, of('case.closed\nerp'))).toEqual(['only closed 2027-07-01']);
    expect(told(policies, of('case.closed\nhub'))).toEqual(['only closed never']);
  });

  it('tests, audit records and all else have terms of their own, and tests are reached by name', () => {
    const all = named({ all: { action: 'retain', tiers: tiers('9y') } });
    expect(told(all, record({ class: 'test' }))).toEqual(['only built-in-test 2026-02-08']);
    expect(told([], record({ class: 'audit' }))).toEqual(['only built-in-audit 2033-02-01']);
    const tests = named({ tests: { match: { classes: ['test'] }, tiers: tiers('1d') } });
    expect(told(tests, record({ class: 'test' }))).toEqual(['only tests 2026-02-02']);
  });

  it('a record is in its tiers by age, and due by its verdict', () => {
    const policies = named({ go: { tiers: { hot: '10d', cold: '20d', archive: '30d' } } });
    const verdict = decide(record(), policies);
    const on = (days: number): string => tierOn(RECEIVED + 1 + days, record(), verdict, policies);
    expect([on(0), on(9), on(10), on(19), on(20), on(29), on(30)]).toEqual([
      'hot',
      'hot',
      'cold',
      'cold',
      'archive',
      'archive',
      'due',
    ]);
    expect(tierOn(RECEIVED + 99, record(), decide(record(), policies, ['h-1']), policies)).toBe('archive');
  });
});

describe('periods', () => {
  it('are never a day early', () => {
    expect(dateOf(after(day('2024-02-29'), '1y'))).toBe('2025-03-01');
    expect(dateOf(after(day('2024-02-29'), '4y'))).toBe('2028-02-29');
    expect(dateOf(after(day('2026-12-31'), '1d'))).toBe('2027-01-01');
  });

  test.each([
    ['365d', '1y', true],
    ['366d', '1y', false],
    ['1y', '365d', false],
    ['1y', '366d', true],
    ['4y', '1461d', false],
    ['1460d', '4y', true],
    ['1y', '1y', false],
    ['30d', '31d', true],
  ])('%s may be shorter than %s: %s', (one, other, expected) => expect(mayBeShorter(one, other)).toBe(expected));
});

describe('contradictions', () => {
  const fields = (problems: readonly { field: string }[]): string[] => problems.map(({ field }) => field);
  const law = (minimum?: string, maximum?: string) => ({
    statute: { source: 'HGB § 257', ...(minimum && { minimum }), ...(maximum && { maximum }) },
  });

  test.each<[string, Partial<RetentionPolicyDefinition>, string[]]>([
    ['none', { tiers: tiers('10y'), ...law('10y', '10y') }, []],
    ['minimum above maximum', { tiers: tiers('8y'), ...law('8y', '6y') }, ['statute.maximum', 'tiers.archive']],
    ['deleted before the minimum', { tiers: tiers('5y'), ...law('6y') }, ['tiers.archive']],
    [
      'kept beyond the maximum',
      { action: 'retain', tiers: tiers('forever'), ...law(undefined, '6y') },
      ['tiers.archive'],
    ],
    ['a statute that says nothing', law(), ['statute']],
    ['an implicit statute', { explicit: false, tiers: tiers('6y'), ...law('6y') }, ['explicit']],
    ['deleted, and kept for ever', { tiers: tiers('forever') }, ['tiers.archive']],
    ['tiers out of order', { tiers: { hot: '2y', cold: '1y', archive: '30d' } }, ['tiers.cold', 'tiers.archive']],
    ['only the end said', { tiers: { archive: '7d' } }, []],
  ])('in itself: %s', (_, over, expected) => expect(fields(problemsOf(policy(over)))).toEqual(expected));

  test.each<[string, Partial<RetentionPolicyDefinition>, Partial<RetentionPolicyDefinition>, string[]]>([
    [
      'retained beyond the maximum of another',
      { action: 'retain', tiers: tiers('9y') },
      { tiers: tiers('6y'), ...law(undefined, '6y') },
      ['tiers.archive'],
    ],
    [
      'deleted before the minimum of another',
      { tiers: tiers('1y') },
      { tiers: tiers('6y'), ...law('6y') },
      ['tiers.archive'],
    ],
    [
      'a maximum that another exceeds',
      { tiers: tiers('6y'), ...law(undefined, '6y') },
      { action: 'retain', tiers: tiers('9y') },
      ['statute.maximum'],
    ],
    [
      'a minimum that another undercuts',
      { tiers: tiers('6y'), ...law('6y') },
      { tiers: tiers('1y') },
      ['statute.minimum'],
    ],
    [
      'statutes that leave nothing',
      { tiers: tiers('9y'), ...law('9y') },
      { tiers: tiers('6y'), ...law(undefined, '6y') },
      ['statute.minimum', 'statute.minimum'],
    ],
    [
      'of other processes',
      { match: { processes: ['a'] }, tiers: tiers('1y') },
      { match: { processes: ['b'] }, tiers: tiers('6y'), ...law('6y') },
      [],
    ],
    [
      'of other categories, of which a record may have both',
      { match: { categories: ['pci'] }, tiers: tiers('1y') },
      { match: { categories: ['financial'] }, tiers: tiers('6y'), ...law('6y') },
      ['tiers.archive'],
    ],
    [
      'of tests, which the other does not reach',
      { match: { classes: ['test'] }, tiers: tiers('1d') },
      { tiers: tiers('6y'), ...law('6y') },
      [],
    ],
    [
      'of another start',
      { tiers: tiers('1y'), startsOn: { type: 'case.closed' } },
      { tiers: tiers('6y'), ...law('6y') },
      [],
    ],
    ['of a disabled one', { tiers: tiers('1y') }, { enabled: false, tiers: tiers('6y'), ...law('6y') }, []],
  ])('with another: %s', (_, own, other, expected) => {
    expect(fields(contradictions(policy(own), named({ other })))).toEqual(expected);
  });
});
