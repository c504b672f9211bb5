import { type InhibitionRule, cycleThrough, rulesOnCycles } from './inhibition';
import type { Matcher } from './matcher';
import { aimedAt, type Firing, inhibitionMuting } from './muting';
import { satisfiable } from './satisfiable';

/** `severity=critical`, `env!=dev`, `service=~erp.*`. */
const matcher = (text: string): Matcher => {
  const [, label = '', op = '', value = ''] = /^(\w+)(=~|!~|!=|=)(.*)$/.exec(text)!;
  return { label, op: op as Matcher['op'], value };
};
const rule = (id: string, source: string, target: string, equal = '', enabled = true): InhibitionRule => ({
  ...{ id, enabled, equal: equal === '' ? [] : equal.split(' ') },
  source: source.split(' ').map(matcher),
  target: target.split(' ').map(matcher),
});
const firing = (alertId: string, labels: Record<string, string>): Firing => ({ alertId, labels, raisedAt: 0 });

const usual = rule('usual', 'severity=critical', 'severity=warning', 'process env');
const at = { process: 'p', env: 'prod' };

/** Each of what has to hold, in all ways: source open, target matches, labels equal, another alert than the target itself, rule enabled. */
test.each(
  Array.from(
    { length: 32 },
    (_, bits) =>
      [...[1, 2, 4, 8, 16].map((bit) => (bits & bit) !== 0)] as [boolean, boolean, boolean, boolean, boolean],
  ),
)(
  'source open %s, target matches %s, labels equal %s, another alert %s, enabled %s',
  (open, target, equal, other, enabled) => {
    const alert = firing('target', { ...at, severity: target ? 'warning' : 'info' });
    const source = firing(other ? 'source' : 'target', { ...at, severity: 'critical', env: equal ? 'prod' : 'dev' });
    const rules = aimedAt([{ ...usual, enabled }], alert);
    const muted = inhibitionMuting(rules, alert, open ? [source] : []);
    expect(rules.length > 0).toBe(target && enabled);
    expect(muted).toEqual(
      open && target && equal && other && enabled ? { kind: 'inhibition', by: 'usual', until: undefined } : undefined,
    );
  },
);

test('a label that neither has is equal, one that only one of them has is not', () => {
  const muted = (source: object, target: object): boolean =>
    inhibitionMuting(
      [rule('r', 'severity=critical', 'severity=warning', 'env')],
      firing('t', { severity: 'warning', ...target }),
      [firing('s', { severity: 'critical', ...source })],
    ) !== undefined;
  expect([muted({}, {}), muted({ env: 'a' }, {}), muted({}, { env: 'a' }), muted({ env: '' }, {})]).toEqual([
    true,
    false,
    false,
    true,
  ]);
  // What every object has is no label.
  expect(
    inhibitionMuting([rule('r', 'constructor=~.+', 'severity=warning')], firing('t', { severity: 'warning' }), [
      firing('s', {}),
    ]),
  ).toBeUndefined();
});

test.each<[string, InhibitionRule[], string[] | undefined]>([
  ['critical over warning, where labels are equal', [usual], undefined],
  ['by patterns', [rule('a', 'severity=~critical|error', 'severity=~warning|info', 'process')], undefined],
  [
    'by patterns in brackets, since all severities are known',
    [rule('a', 'severity=~(critical|error)', 'severity=~warn.*')],
    undefined,
  ],
  ['all that is not critical', [rule('a', 'severity=critical', 'severity!=critical', 'process')], undefined],
  [
    'a chain',
    [rule('b', 'severity=error', 'severity=warning'), rule('a', 'severity=critical', 'severity=error')],
    undefined,
  ],
  ['a source that is a target', [rule('a', 'subject=source', 'process=p', 'process')], ['a']],
  ['unless it is left out', [rule('a', 'subject=source', 'process=p subject!=source', 'process')], undefined],
  ['each a target of the other', [rule('a', 'team=x', 'team=y'), rule('b', 'team=y', 'team=x')], ['a', 'b']],
  ['of which one is disabled', [rule('a', 'team=x', 'team=y'), rule('b', 'team=y', 'team=x', '', false)], undefined],
  [
    'whose equal labels cannot be so',
    [rule('a', 'team=x env=prod', 'team=y', 'env'), rule('b', 'team=y env=dev', 'team=x', 'env')],
    undefined,
  ],
  [
    'whose equal labels of one alone cannot be so',
    [rule('a', 'team=x env=prod', 'team=y', 'env'), rule('b', 'team=y env=dev', 'team=x')],
    undefined,
  ],
  [
    'whose other labels can be so',
    [rule('a', 'team=x env=prod', 'team=y'), rule('b', 'team=y env=dev', 'team=x')],
    ['a', 'b'],
  ],
  ['patterns that may overlap', [rule('a', 'service=~a.*', 'service=~.*b', 'env')], ['a']],
  [
    'two that say nothing of what the other asks for: a critical alert of y and a warning of x mute each other',
    [rule('a', 'team=x', 'team=y'), usual],
    ['a', 'usual'],
  ],
  ['unless one says it', [rule('a', 'team=x severity=critical', 'team=y'), usual], undefined],
  [
    'of three',
    [rule('a', 'team=x', 'team=y'), rule('c', 'team=z', 'team=x'), rule('b', 'team=y', 'team=z')],
    ['a', 'b', 'c'],
  ],
])('cycles: %s', (_, rules, expected) => {
  expect(cycleThrough(rules, 'a')).toEqual(expected);
  expect([...rulesOnCycles(rules)].sort()).toEqual(expected ?? []);
});

test.each([
  ['a=1 a!=2', true],
  ['a=1 a=2', false],
  ['a=1 a=~1|2 b=1', true],
  ['a=~1|2 a!~[12]', false],
  ['a=~x+ a!=x', true],
  ['severity=~.*', true],
  ['severity=~a.*', false],
  ['severity=emergency', true],
])('%s can be so: %s', (texts, expected) => {
  expect(satisfiable(texts.split(' ').map(matcher))).toBe(expected);
});
