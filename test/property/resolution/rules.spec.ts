import { countIn, NOTHING_DECIDED, type PassState } from '@holdfast/domains/resolution/core/decided';
import {
  type Case,
  type Circumstances,
  type Rule,
  type RuleAction,
  Rulebook,
} from '@holdfast/domains/resolution/core/rule';
import * as fc from 'fast-check';

const SECOND = 1_000_000;
const stage = fc.constantFrom('shop', 'hub', 'erp');
const kind = fc.constantFrom('missing', 'duplicate', 'mutated', 'orphan', 'late') as fc.Arbitrary<Case['kind']>;
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const action: fc.Arbitrary<RuleAction> = fc.oneof(
  fc.record({ kind: fc.constant('accept' as const), reason: fc.constant('known') }),
  fc.record({
    kind: fc.constant('wait' as const),
    seconds: fc.integer({ min: 1, max: 100 }),
    untilStage: optional(stage),
  }),
  fc.record({ kind: fc.constant('escalate' as const) }),
  fc.record({
    kind: fc.constant('replay' as const),
    connector: fc.constant('c'),
    batch: fc.constant(1),
    attempts: fc.integer({ min: 1, max: 3 }),
    timeoutSeconds: fc.constant(1),
    settleSeconds: fc.constant(1),
  }),
);
const rules: fc.Arbitrary<Rule[]> = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    version: fc.constant(1),
    enabled: fc.boolean(),
    priority: fc.integer({ min: 0, max: 3 }),
    match: fc.record({
      stages: optional(fc.array(stage, { minLength: 1 })),
      kinds: optional(fc.array(kind, { minLength: 1 })),
      age: optional(fc.record({ leastSeconds: optional(fc.nat(100)), mostSeconds: optional(fc.nat(100)) })),
    }),
    action,
  }),
  { selector: ({ id }) => id },
);
const one = fc
  .record({ stage, kind, firstSeenAt: fc.nat(100), tried: fc.nat(3) })
  .map(({ firstSeenAt, tried, ...rest }): Case => ({
    ...rest,
    key: 'k',
    hop: '',
    field: '',
    expected: '',
    found: '',
    rank: 'critical',
    since: 0,
    firstSeenAt: firstSeenAt * SECOND,
    replays: () => ({ tried, isUnderWay: false }),
  }));
const now = (at: number, reached: number): Circumstances => ({
  process: 'p',
  to: 50 * SECOND,
  at: at * SECOND,
  counts: new Map(),
  reached: new Map([['erp', reached * SECOND]]),
});

it('what rules choose does not depend on the order in which they were stored, and is asked of a rule that is about it', () => {
  fc.assert(
    fc.property(rules, one, fc.nat(200), fc.nat(100), (given, it, at, reached) => {
      const book = new Rulebook(given, 'p');
      const chosen = book.choose(it, now(at, reached));
      expect(new Rulebook(given.toReversed(), 'p').choose(it, now(at, reached))).toEqual(chosen);
      if (!chosen.rule) return;
      expect(chosen.rule.enabled).toBe(true);
      expect(book.isAbout(chosen.rule, it)).toBe(true);
    }),
  );
});

it('nothing changes before the time that is told: whoever sleeps until then misses nothing', () => {
  fc.assert(
    fc.property(rules, one, fc.nat(150), fc.nat(60), fc.nat(100), (given, it, at, later, reached) => {
      const born = { ...it, firstSeenAt: Math.min(it.firstSeenAt, at * SECOND) };
      const book = new Rulebook(given, 'p');
      const { rule, wakeAt } = book.choose(born, now(at, reached));
      const then = at + later;
      if (wakeAt !== undefined && then * SECOND >= wakeAt) return;
      expect(book.choose(born, now(then, reached)).rule?.id).toBe(rule?.id);
    }),
  );
});

it('every discrepancy is counted once, for its rule or for people', () => {
  fc.assert(
    fc.property(rules, fc.array(one), (given, many) => {
      const book = new Rulebook(given, 'p');
      const state = many.reduce<PassState>((sum, it) => countIn(sum, book.choose(it, now(60, 60))), NOTHING_DECIDED);
      const decided = state.tallies.reduce((sum, { discrepancies }) => sum + discrepancies, 0);
      expect(decided + state.undecided).toBe(many.length);
      expect(new Set(state.tallies.map(({ rule }) => rule)).size).toBe(state.tallies.length);
    }),
  );
});
