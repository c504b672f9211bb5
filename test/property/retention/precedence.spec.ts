import { contradictions, problemsOf } from '@holdfast/domains/retention/core/contradictions';
import { after } from '@holdfast/domains/retention/core/period';
import {
  matches,
  type NamedPolicy,
  type RetentionPolicyDefinition,
  startName,
  tiersOf,
} from '@holdfast/domains/retention/core/policy';
import { decide, type KeptRecord } from '@holdfast/domains/retention/core/precedence';
import * as fc from 'fast-check';

const CLASSES = ['standard', 'test', 'audit', 'quarantine', 'financial'];
const START = { type: 'case.closed' };
const some = (...values: string[]) => fc.option(fc.subarray(values, { minLength: 1 }), { nil: undefined });
const period = fc.oneof(
  fc.integer({ min: 0, max: 4000 }).map((n) => `${n}d`),
  fc.integer({ min: 1, max: 12 }).map((n) => `${n}y`),
);
const definition: fc.Arbitrary<RetentionPolicyDefinition> = fc.record({
  match: fc.record({
    processes: some('a', 'b'),
    categories: some('pci', 'gdpr_personal'),
    regions: some('eu', 'us'),
    classes: some(...CLASSES),
  }),
  tiers: fc.record({
    hot: fc.constant('0d'),
    cold: fc.constant('0d'),
    archive: fc.oneof({ weight: 5, arbitrary: period }, { weight: 1, arbitrary: fc.constant('forever') }),
  }),
  action: fc.constantFrom('delete' as const, 'retain' as const),
  explicit: fc.boolean(),
  startsOn: fc.option(fc.constant(START), { nil: undefined }),
  statute: fc.option(
    fc.record({
      minimum: fc.option(period, { nil: undefined }),
      maximum: fc.option(period, { nil: undefined }),
      source: fc.constant('law'),
    }),
    { nil: undefined },
  ),
  enabled: fc.boolean(),
});
const policies = fc
  .array(definition, { maxLength: 7 })
  .map((all) => all.map((policy, i): NamedPolicy => ({ id: `p${i}`, version: 1, policy })));
const record: fc.Arbitrary<KeptRecord> = fc.record({
  process: fc.constantFrom('a', 'b', 'c'),
  class: fc.constantFrom(...CLASSES),
  categories: fc.subarray(['pci', 'gdpr_personal']),
  severity: fc.constant(''),
  environment: fc.constant(''),
  region: fc.constantFrom('eu', 'us', ''),
  receivedOn: fc.integer({ min: 18_000, max: 22_000 }),
  startedOn: fc
    .option(fc.integer({ min: 18_000, max: 22_000 }), { nil: undefined })
    .map((day) => new Map(day === undefined ? [] : [[startName(START), day]])),
});
const shuffled = policies.chain((all) =>
  fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
);

/** The end of a policy for a record, by the words of the rules. */
const endOf = ({ policy }: NamedPolicy, of: KeptRecord, term: string | undefined): number => {
  const start = policy.startsOn ? of.startedOn.get(startName(policy.startsOn)) : of.receivedOn;
  return term === undefined || term === 'forever' || start === undefined ? Infinity : after(start + 1, term);
};

test('there is always an answer, the same one in any order, with every claim in it once', () => {
  fc.assert(
    fc.property(shuffled, record, ([all, mixed], of) => {
      const verdict = decide(of, all);
      expect(decide(of, mixed)).toEqual({ ...verdict, lost: expect.arrayContaining([...verdict.lost]) });
      const names = [verdict.winner!, ...verdict.lost.map(({ claim }) => claim)].map(
        ({ policy, term }) => `${policy} ${term}`,
      );
      expect(new Set(names).size).toBe(names.length);
      const expected = all.filter(({ policy }) => matches(policy, of)).map(({ id }) => `${id} action`);
      expect(names).toEqual(expect.arrayContaining(expected));
    }),
  );
});

test('nothing goes before the longest retain, nor later than that and the delete that applies', () => {
  fc.assert(
    fc.property(policies, record, (all, of) => {
      const mine = all.filter(({ policy }) => matches(policy, of));
      const goes = decide(of, all).goesOn ?? Infinity;
      const retained = mine.flatMap((one) => [
        ...(one.policy.action === 'retain' ? [endOf(one, of, tiersOf(one.policy.tiers).archive)] : []),
        ...(one.policy.statute?.minimum ? [endOf(one, of, one.policy.statute.minimum)] : []),
      ]);
      const explicit = mine.flatMap((one) => [
        ...(one.policy.action === 'delete' && one.policy.explicit
          ? [endOf(one, of, tiersOf(one.policy.tiers).archive)]
          : []),
        ...(one.policy.statute?.maximum ? [endOf(one, of, one.policy.statute.maximum)] : []),
      ]);
      for (const until of retained) expect(goes).toBeGreaterThanOrEqual(until);
      if (explicit.length > 0) expect(goes).toBe(Math.max(Math.min(...explicit), ...retained));
    }),
  );
});

test('a hold lets nothing go, and says when it would', () => {
  fc.assert(
    fc.property(
      policies,
      record,
      fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }),
      (all, of, holds) => {
        const [free, held] = [decide(of, all), decide(of, all, holds)];
        expect([held.rule, held.goesOn, held.withoutHolds]).toEqual(['hold', undefined, free.goesOn]);
        expect(held.lost).toHaveLength(free.lost.length + 1);
      },
    ),
  );
});

test('policies that do not contradict each other are all followed: each minimum and each maximum', () => {
  fc.assert(
    fc.property(policies, record, (all, of) => {
      const kept: NamedPolicy[] = [];
      for (const one of all)
        if (problemsOf(one.policy).length === 0 && contradictions(one.policy, kept).length === 0) kept.push(one);
      const mine = kept.filter(({ policy }) => matches(policy, of) && policy.startsOn === undefined);
      // Of several starts nobody can tell before: retaining goes before.
      fc.pre(kept.every(({ policy }) => !matches(policy, of) || policy.startsOn === undefined));
      const goes = decide(of, kept).goesOn ?? Infinity;
      for (const one of mine) {
        const { minimum, maximum } = one.policy.statute ?? {};
        if (minimum !== undefined) expect(goes).toBeGreaterThanOrEqual(endOf(one, of, minimum));
        if (maximum !== undefined) expect(goes).toBeLessThanOrEqual(endOf(one, of, maximum));
      }
    }),
  );
});
