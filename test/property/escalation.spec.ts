import * as fc from 'fast-check';
import { stateOf, type Happening, type Transition } from '@holdfast/domains/alerting/core/alert';
import type { PolicySnapshot } from '@holdfast/domains/alerting/core/escalation-policy';
import { alertIdOf, climb, isAlertId, ladderOf, pagesOf, type Step } from '@holdfast/domains/alerting/core/ladder';

const target = (name: number) => ({ kind: 'pagerduty' as const, routingKey: `key-${name}` });
const policies: fc.Arbitrary<PolicySnapshot> = fc
  .record({
    levels: fc.array(
      fc.record({ targets: fc.integer({ min: 1, max: 8 }), timeout: fc.integer({ min: 1, max: 900 }) }),
      {
        minLength: 1,
        maxLength: 10,
      },
    ),
    repeats: fc.integer({ min: 0, max: 10 }),
  })
  .map(({ levels, repeats }) => ({
    levels: levels.map(({ targets, timeout }, level) => ({
      targets: Array.from({ length: targets }, (_, index) => target(level * 8 + index)),
      acknowledgeTimeoutSeconds: timeout,
    })),
    repeats,
  }));

/** What becomes of a step's pages: accepted so many seconds after they were sent, refused for good after so many, or neither. */
type Fate = { readonly accepted: number } | { readonly refused: number } | 'silence';
const fates: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ accepted: 0 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 1_000 }).map((accepted) => ({ accepted })) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 1_000 }).map((refused) => ({ refused })) },
  { weight: 1, arbitrary: fc.constant('silence' as const) },
);

interface Climb {
  readonly paged: readonly { readonly step: Step; readonly at: number; readonly fate: Fate }[];
  readonly noted: readonly { readonly happening: Happening; readonly at: number }[];
  readonly endedAt: number;
}

/** Climbs on a clock that only this function moves. `answeredAt` in seconds; undefined for never. */
async function simulate(
  policy: PolicySnapshot,
  answeredAt: number | undefined,
  fateOf: (step: number) => Fate,
): Promise<Climb> {
  let now = 0;
  const moments = answeredAt === undefined ? [] : [answeredAt];
  const paged: { step: Step; at: number; fate: Fate }[] = [];
  const noted: { happening: Happening; at: number }[] = [];
  await climb(ladderOf(policy), {
    answered: () => answeredAt !== undefined && now >= answeredAt,
    page: (step) => {
      const fate = fateOf(paged.length);
      const at = now;
      paged.push({ step, at, fate });
      const after = (seconds: number) => () => now >= at + seconds;
      const never = () => false;
      if (fate === 'silence') return { accepted: never, hopeless: never };
      if ('accepted' in fate) {
        moments.push(at + fate.accepted);
        return { accepted: after(fate.accepted), hopeless: never };
      }
      moments.push(at + fate.refused);
      return { accepted: never, hopeless: after(fate.refused) };
    },
    until: async (holds, seconds) => {
      const deadline = now + seconds;
      for (;;) {
        if (holds()) return true;
        const next = Math.min(deadline, ...moments.filter((moment) => moment > now));
        if (now === deadline) return false;
        now = next;
      }
    },
    note: (happening) => void noted.push({ happening, at: now }),
  });
  return { paged, noted, endedAt: now };
}

const key = ({ repeat, level }: { repeat: number; level: number }): number => repeat * 100 + level;

describe('climbing the ladder', () => {
  it('pages the levels in order, none skipped, none twice, and nobody after the answer', () =>
    fc.assert(
      fc.asyncProperty(
        policies,
        fc.option(fc.integer({ min: 0, max: 20_000 }), { nil: undefined }),
        fc.infiniteStream(fates),
        async (policy, answeredAt, stream) => {
          const { paged } = await simulate(policy, answeredAt, () => stream.next().value as Fate);
          const ladder = ladderOf(policy);
          expect(paged.map(({ step }) => step)).toEqual(ladder.slice(0, paged.length));
          const places = paged.map(({ step }) => key(step));
          expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
          for (const { at } of paged) expect(answeredAt === undefined || at < answeredAt).toBe(true);
          if (answeredAt === undefined) expect(paged).toHaveLength(policy.levels.length * (policy.repeats + 1));
        },
      ),
    ));

  it('is, while PagerDuty answers at once, where a table of timeouts says', () =>
    fc.assert(
      fc.asyncProperty(policies, fc.integer({ min: 0, max: 100_000 }), async (policy, answeredAt) => {
        const { paged } = await simulate(policy, answeredAt, () => ({ accepted: 0 }));
        const timeouts = Array.from({ length: policy.repeats + 1 }, () =>
          policy.levels.map(({ acknowledgeTimeoutSeconds }) => acknowledgeTimeoutSeconds),
        ).flat();
        const starts = timeouts.map((_, index) => timeouts.slice(0, index).reduce((sum, one) => sum + one, 0));
        expect(paged.map(({ at }) => at)).toEqual(starts.filter((start) => start < answeredAt));
      }),
    ));

  it('gives each level its whole time from the first page that was accepted, and freezes for none', () =>
    fc.assert(
      fc.asyncProperty(policies, fc.infiniteStream(fates), async (policy, stream) => {
        const { paged, endedAt } = await simulate(policy, undefined, () => stream.next().value as Fate);
        paged.forEach(({ step: { timeoutSeconds: whole }, at, fate }, index) => {
          const left = (paged[index + 1]?.at ?? endedAt) - at;
          if (fate === 'silence') expect(left).toBe(whole);
          else if ('accepted' in fate) expect(left).toBe(fate.accepted <= whole ? fate.accepted + whole : whole);
          else expect(left).toBe(Math.min(fate.refused, whole));
        });
      }),
    ));

  it('leaves no level without saying why, and says once that nobody is left', () =>
    fc.assert(
      fc.asyncProperty(policies, fc.infiniteStream(fates), async (policy, stream) => {
        const { paged, noted } = await simulate(policy, undefined, () => stream.next().value as Fate);
        for (const { step, fate } of paged) {
          const said = noted
            .map(({ happening }) => happening)
            .filter((one) => 'level' in one && key(one) === key(step))
            .map(({ kind }) => kind);
          const whole = step.timeoutSeconds;
          if (fate !== 'silence' && 'accepted' in fate && fate.accepted <= whole) expect(said).toEqual(['timed_out']);
          else if (fate !== 'silence' && 'refused' in fate && fate.refused <= whole) expect(said).toEqual([]);
          else expect(said).toEqual(['unreachable']);
        }
        expect(noted.filter(({ happening }) => happening.kind === 'exhausted')).toHaveLength(1);
        expect(noted.at(-1)?.happening.kind).toBe('exhausted');
      }),
    ));
});

describe('dedup keys', () => {
  const alertIds = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._~-]{0,199}$/);

  it('differ between all pages of an alert, fit into 255 characters and name their alert', () =>
    fc.assert(
      fc.property(alertIds, policies, (alertId, policy) => {
        const keys = ladderOf(policy).flatMap((step) => pagesOf(alertId, step).map(({ dedupKey }) => dedupKey));
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys).toHaveLength(
          (policy.repeats + 1) * policy.levels.reduce((sum, { targets }) => sum + targets.length, 0),
        );
        for (const dedupKey of keys) {
          expect(dedupKey.length).toBeLessThanOrEqual(255);
          expect(alertIdOf(dedupKey)).toBe(alertId);
        }
      }),
    ));

  it('of others name no alert, or one that could be', () =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 300 }),
          fc.string().map((text) => `${text}/L1/R0`),
        ),
        (text) => {
          const alertId = alertIdOf(text);
          if (alertId === undefined) return;
          expect(isAlertId(alertId)).toBe(true);
          expect(text.startsWith(`${alertId}/L`)).toBe(true);
        },
      ),
    ));
});

it('the state does not depend on the order in which transitions are read', () => {
  const kinds: Transition['kind'][] = ['raised', 'paged', 'timed_out', 'exhausted', 'acknowledged', 'resolved'];
  fc.assert(
    fc.property(fc.shuffledSubarray(kinds), (some) => {
      const expected = some.includes('resolved') ? 'resolved' : some.includes('acknowledged') ? 'acknowledged' : 'open';
      expect(stateOf(some.map((kind) => ({ kind })))).toBe(expected);
    }),
  );
});
