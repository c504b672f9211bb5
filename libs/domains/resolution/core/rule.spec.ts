import { type Case, type Circumstances, inOrder, type Rule, type RuleAction, type RuleMatch, Rulebook } from './rule';

const SECOND = 1_000_000;
const ACCEPT: RuleAction = { kind: 'accept', reason: 'known' };
const rule = (match: RuleMatch, action: RuleAction = ACCEPT, more: Partial<Rule> = {}): Rule => ({
  id: 'rule',
  version: 1,
  enabled: true,
  priority: 100,
  match,
  action,
  ...more,
});
const SEEN: Case = {
  key: 'order-17',
  kind: 'mutated',
  stage: 'erp',
  hop: 'hub->erp',
  field: 'amount, currency',
  expected: '{"amount":10.01,"currency":"EUR"}',
  found: '{"amount":10.00,"currency":"USD"}',
  rank: 'critical',
  since: 0,
  firstSeenAt: 1_000 * SECOND,
  replays: () => ({ tried: 0, isUnderWay: false }),
};
const NOW: Circumstances = {
  process: 'orders',
  to: 900 * SECOND,
  at: 1_100 * SECOND,
  counts: new Map([['rule', 5]]),
  reached: new Map([
    ['erp', 950 * SECOND],
    ['hub', 899 * SECOND],
  ]),
};
const choose = (rules: readonly Rule[], one: Partial<Case> = {}, now: Partial<Circumstances> = {}) =>
  new Rulebook(rules, 'orders').choose({ ...SEEN, ...one }, { ...NOW, ...now });
const matches = (match: RuleMatch, one: Partial<Case> = {}, now: Partial<Circumstances> = {}): boolean =>
  choose([rule(match)], one, now).rule !== undefined;

describe('a rule matches', () => {
  it.each<[string, RuleMatch, Partial<Case>, boolean]>([
    ['anything when it names nothing', {}, {}, true],
    ['a process', { processes: ['orders', 'other'] }, {}, true],
    ['no other process', { processes: ['other'] }, {}, false],
    ['a stage', { stages: ['erp'] }, {}, true],
    ['no other stage', { stages: ['hub'] }, {}, false],
    ['a hop', { hops: ['hub->erp'] }, {}, true],
    ['no other hop', { hops: ['shop->hub'] }, {}, false],
    ['a kind', { kinds: ['missing', 'mutated'] }, {}, true],
    ['no other kind', { kinds: ['missing'] }, {}, false],
    ['fields that are all named', { fields: ['amount', 'currency', 'x'] }, {}, true],
    ['no field beside the named ones', { fields: ['amount'] }, {}, false],
    ['no discrepancy without fields by its fields', { fields: ['amount'] }, { field: '', kind: 'missing' }, false],
    ['a key by its pattern, anywhere in it', { keyPattern: 'er-1' }, {}, true],
    ['no key that the pattern is not in', { keyPattern: '^17' }, {}, false],
    ['an amount at its bound, exactly', { amount: { field: 'amount', atMost: 0.01 } }, {}, true],
    ['no amount beyond its bound', { amount: { field: 'amount', atMost: 0.009 } }, {}, false],
    ['an amount above its least', { amount: { field: 'amount', moreThan: 0.009 } }, {}, true],
    ['no amount that is the least itself', { amount: { field: 'amount', moreThan: 0.01 } }, {}, false],
    ['no amount of what is no number', { amount: { field: 'currency', atMost: 1e9 } }, {}, false],
    ['no amount of a field that does not differ', { amount: { field: 'tax', atMost: 1e9 } }, {}, false],
    [
      'no amount where a side is absent',
      { amount: { field: 'amount', atMost: 1e9 } },
      { found: '{"amount":null}' },
      false,
    ],
    ['no amount of a count', { amount: { field: 'amount', atMost: 1e9 } }, { expected: '1', found: '0' }, false],
    ['money as text', { amount: { field: 'amount', atMost: 0.01 } }, { found: '{"amount":"10.02"}' }, true],
    ['no time that was not judged', {}, { kind: 'undecided' }, false],
    ['nothing that is late: it holds no window open', {}, { kind: 'late' }, false],
  ])('%s', (_, match, one, expected) => {
    expect(matches(match, one)).toBe(expected);
  });

  it.each([
    [{ least: 5 }, true],
    [{ least: 6 }, false],
    [{ most: 5 }, true],
    [{ most: 4 }, false],
    [{ least: 1, most: 9 }, true],
  ])('so many as %j of a window', (count, expected) => {
    expect(matches({ count })).toBe(expected);
  });

  it.each([
    [{ leastSeconds: 100 }, true],
    [{ leastSeconds: 101 }, false],
    [{ mostSeconds: 100 }, true],
    [{ mostSeconds: 99 }, false],
  ])('an age of %j', (age, expected) => {
    expect(matches({ age })).toBe(expected);
  });

  it('all that it names, not one of it', () => {
    expect(matches({ stages: ['erp'], kinds: ['missing'] })).toBe(false);
  });
});

describe('of several rules', () => {
  const named = (id: string, priority: number, more: Partial<Rule> = {}): Rule =>
    rule({}, ACCEPT, { id, priority, ...more });

  it('the lowest priority decides, and of the same the first by id', () => {
    expect(choose([named('b', 2), named('a', 2), named('c', 1)]).rule?.id).toBe('c');
    expect(choose([named('b', 2), named('a', 2)]).rule?.id).toBe('a');
  });
  it('one that is not enabled is not asked', () => {
    expect(inOrder([named('a', 1, { enabled: false })])).toEqual([]);
    expect(choose([named('a', 1, { enabled: false }), named('b', 2)]).rule?.id).toBe('b');
  });
  it('none decides where none matches: it stays open', () => {
    expect(choose([rule({ stages: ['hub'] })])).toEqual({ rule: undefined, wakeAt: undefined });
  });
  it('one that is too young for now says when it will be of age, and leaves it to the next', () => {
    const rules = [rule({ age: { leastSeconds: 300 } }, ACCEPT, { id: 'a', priority: 1 }), named('b', 2)];
    expect(choose(rules)).toMatchObject({ rule: { id: 'b' }, wakeAt: 1_300 * SECOND });
  });
});

describe('waiting', () => {
  const wait = (seconds: number, untilStage?: string) =>
    rule({}, { kind: 'wait', seconds, ...(untilStage !== undefined && { untilStage }) });

  it('lasts until a time after the end of the window, and then matches no more', () => {
    expect(choose([wait(300)])).toMatchObject({ rule: { id: 'rule' }, wakeAt: 1_200 * SECOND });
    expect(choose([wait(200)]).rule).toBeUndefined();
  });
  it('lasts until a stage has come past the end of the window', () => {
    expect(choose([wait(300, 'erp')]).rule).toBeUndefined();
    expect(choose([wait(300, 'hub')])).toMatchObject({ rule: { id: 'rule' }, wakeAt: 1_160 * SECOND });
    expect(choose([wait(300, 'unheard-of')]).rule).toBeDefined();
    expect(choose([wait(201, 'hub')]).wakeAt).toBe(1_101 * SECOND);
  });
});

it('a replay is tried as often as it says, each discrepancy by itself', () => {
  const replay = rule(
    {},
    { kind: 'replay', connector: 'erp', batch: 1, attempts: 2, timeoutSeconds: 1, settleSeconds: 1 },
  );
  const tried = (n: number, isUnderWay = false) => choose([replay], { replays: () => ({ tried: n, isUnderWay }) });
  expect(tried(1).rule).toBeDefined();
  expect(tried(2).rule).toBeUndefined();
  // One that is under way is not begun again, and nobody else is asked.
  expect(tried(2, true)).toMatchObject({ rule: { id: 'rule' }, isUnderWay: true });
});
