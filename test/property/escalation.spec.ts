import * as fc from 'fast-check';
import { alertIdOf, dedupKeyOf, isAlertId, stateOf, type Transition } from '@holdfast/domains/alerting/core/alert';
import {
  dueAt,
  type Effect,
  type Escalation,
  type EscalationEvent,
  isAnswered,
  mayPage,
  newEscalation,
  type Step,
  stepped,
} from '@holdfast/domains/alerting/core/escalation';
import type { PolicySnapshot } from '@holdfast/domains/alerting/core/escalation-policy';

const SECOND = 1_000_000;
const target = (name: string) => ({ kind: 'person' as const, person: name });

const policies: fc.Arbitrary<PolicySnapshot> = fc.record({
  levels: fc
    .array(
      fc.record({
        targets: fc.integer({ min: 1, max: 3 }),
        delay: fc.option(fc.integer({ min: 1, max: 300 }), { nil: 0, freq: 3 }),
        timeout: fc.integer({ min: 1, max: 900 }),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((levels) =>
      levels.map(({ targets, delay, timeout }, level) => ({
        targets: Array.from({ length: targets }, (_, i) => target(`${level}-${i}`)),
        delaySeconds: delay,
        acknowledgeTimeoutSeconds: timeout,
      })),
    ),
  repeats: fc.integer({ min: 0, max: 3 }),
  acknowledgementExpiresSeconds: fc.option(fc.integer({ min: 60, max: 2_000 }), { nil: undefined, freq: 3 }),
});

/** What somebody has an escalation follow instead. */
const OTHER: PolicySnapshot = {
  levels: [{ targets: [target('other')], acknowledgeTimeoutSeconds: 1_234 }],
  repeats: 1,
};

/** What becomes of a step: nobody is there, it is muted first, its pages are accepted or refused after so many seconds, or neither. */
type Fate = 'nobody' | 'silence' | { muted: number; accepted: number } | { accepted: number } | { refused: number };
const seconds = fc.integer({ min: 0, max: 1_000 });
const fates: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ accepted: 0 }) },
  { weight: 2, arbitrary: fc.record({ accepted: seconds }) },
  { weight: 1, arbitrary: fc.record({ muted: fc.integer({ min: 1, max: 1_000 }), accepted: seconds }) },
  { weight: 1, arbitrary: fc.record({ refused: seconds }) },
  { weight: 1, arbitrary: fc.constant('silence' as const) },
  { weight: 1, arbitrary: fc.constant('nobody' as const) },
);

/** What people do, so many seconds after it began. */
const answers = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 6_000 }),
    does: fc.oneof(
      fc.constant('acknowledge' as const),
      fc.constant('take_back' as const),
      fc.constant('reassign' as const),
      fc.constant('resolve' as const),
      fc.constant('other_policy' as const),
      fc.record({ snooze: fc.integer({ min: 1, max: 2_000 }) }),
    ),
  }),
  { maxLength: 6 },
);
type Answers = typeof answers extends fc.Arbitrary<infer T> ? T : never;

interface Played {
  readonly pages: readonly { readonly step: Step; readonly at: number }[];
  readonly noted: readonly { readonly kind: string; readonly at: number; readonly level?: number }[];
  readonly end: Escalation;
}

/**
 * Runs the machine on a clock of its own, in seconds. `crashes` says before which of its steps its state is written out and read again, as a workflow does that goes on
 * with another worker or in another run.
 */
function play(
  policy: PolicySnapshot,
  did: Answers,
  fateOf: (n: number) => Fate,
  crashes: (n: number) => boolean,
): Played {
  let state = newEscalation(policy);
  let now = 0;
  let steps = 0;
  const pages: { step: Step; at: number }[] = [];
  const noted: { kind: string; at: number }[] = [];
  const muted = new Set<string>();
  const queue: { at: number; order: number; event: EscalationEvent }[] = did.map(({ after, does }, order) => ({
    at: after,
    order,
    event: eventOf(does, after),
  }));
  const push = (at: number, event: EscalationEvent): void => void queue.push({ at, order: 1_000 + steps, event });

  function happens(event: EscalationEvent): void {
    if (crashes(steps)) state = JSON.parse(JSON.stringify(state)) as Escalation;
    steps += 1;
    const { state: next, effects } = stepped(state, event, now * SECOND);
    state = next;
    effects.forEach(carryOut);
  }
  function carryOut(effect: Effect): void {
    if (effect.do === 'note') noted.push({ ...effect.happening, at: now });
    if (effect.do !== 'page') return;
    const { step } = effect;
    const key = `${step.level}/${step.repeat}`;
    if (!mayPage(state, step, effect.handover)) return;
    const fate = step.level === 0 ? { accepted: 0 } : fateOf(step.repeat * 10 + step.level);
    if (fate === 'nobody') return happens({ is: 'prepared', step, pages: 0 });
    if (typeof fate === 'object' && 'muted' in fate && !muted.has(key)) {
      muted.add(key);
      return happens({ is: 'held', step, reason: 'window', by: 'w', until: (now + fate.muted) * SECOND });
    }
    pages.push({ step, at: now });
    happens({ is: 'prepared', step, pages: 1 });
    if (fate === 'silence') return;
    if ('accepted' in fate) push(now + fate.accepted, { is: 'accepted', step });
    else push(now + fate.refused, { is: 'refused', step });
  }

  happens({ is: 'opened', gatherSeconds: 0 });
  for (let i = 0; i < 2_000; i++) {
    const due = dueAt(state);
    queue.sort((a, b) => a.at - b.at || a.order - b.order);
    const [next] = queue;
    const dueSecond = due === undefined ? Infinity : Math.ceil(due / SECOND);
    if (!next && due === undefined) break;
    if (next && next.at <= dueSecond) {
      queue.shift();
      now = Math.max(now, next.at);
      happens(next.event);
    } else {
      if (dueSecond > 20_000) break;
      now = Math.max(now, dueSecond);
      happens({ is: 'time' });
    }
  }
  return { pages, noted, end: state };
}

function eventOf(does: Answers[number]['does'], after: number): EscalationEvent {
  if (typeof does === 'object') return { is: 'snoozed', by: 'a', until: (after + does.snooze) * SECOND };
  if (does === 'acknowledge') return { is: 'acknowledged' };
  if (does === 'resolve') return { is: 'resolved' };
  if (does === 'other_policy') return { is: 'policy', by: 'a', policy: OTHER, isOther: true };
  if (does === 'take_back') return { is: 'taken_back', by: 'a' };
  return { is: 'reassigned', by: 'a', targets: [target('given')] };
}

/**
 * The plain model: walks second by second through what a policy says, in the words of its documentation, and knows nothing of phases and events.
 */
function model(first: PolicySnapshot, did: Answers, fateOf: (n: number) => Fate): Played['pages'] {
  let policy = first;
  const pages: { step: Step; at: number }[] = [];
  const todo = [...did].map((one, order) => ({ ...one, order })).sort((a, b) => a.after - b.after || a.order - b.order);
  let quietUntil: number | 'answered' | undefined;
  let expires = Infinity;
  let run = 0;
  let left = policy.repeats;
  let ladder: Iterator<number> = walk(1);
  let wakes = 0; // when the ladder goes on

  function* walk(first: number): Generator<number> {
    // Yields how many seconds pass before it goes on.
    for (let level = first; ; level++) {
      if (level > policy.levels.length) {
        if (left === 0) return;
        left -= 1;
        run += 1;
        level = 1;
      }
      const { delaySeconds = 0, acknowledgeTimeoutSeconds: timeout } = policy.levels[Math.max(level, 1) - 1]!;
      if (level > 0 && delaySeconds > 0) yield delaySeconds;
      const fate = level === 0 ? { accepted: 0 } : fateOf(run * 10 + level);
      if (fate === 'nobody') continue;
      if (typeof fate === 'object' && 'muted' in fate) yield fate.muted;
      pages.push({ step: { level, repeat: run }, at: now });
      if (fate === 'silence') yield timeout;
      else if ('accepted' in fate) yield fate.accepted <= timeout ? fate.accepted + timeout : timeout;
      else yield Math.min(fate.refused, timeout);
    }
  }
  let now = 0;
  const begin = (first: number): void => {
    run += 1;
    left = policy.repeats;
    quietUntil = undefined;
    expires = Infinity;
    ladder = walk(first);
    wakes = now;
  };
  const goOn = (): void => {
    while (quietUntil === undefined && wakes <= now) {
      const step = ladder.next();
      if (step.done) {
        wakes = Infinity;
        return;
      }
      wakes = now + step.value;
    }
  };
  for (; now <= 20_000; now++) {
    for (;;) {
      const one = todo[0];
      if (!one || one.after > now) break;
      todo.shift();
      if (now === 0 && wakes === 0) goOn();
      const { does } = one;
      if (does === 'resolve') return pages;
      if (does === 'acknowledge') {
        quietUntil = 'answered';
        expires = now + (policy.acknowledgementExpiresSeconds ?? Infinity);
      } else if (does === 'reassign') {
        begin(0);
        goOn();
      } else if (does === 'other_policy') {
        policy = OTHER;
        if (quietUntil === undefined) {
          begin(1);
          goOn();
        } else left = Math.min(left, OTHER.repeats);
      } else if (does === 'take_back') {
        if (quietUntil !== undefined) {
          begin(1);
          goOn();
        }
      } else {
        quietUntil = now + does.snooze;
        expires = Infinity;
      }
    }
    if (quietUntil === 'answered' ? now >= expires : quietUntil !== undefined && now >= quietUntil) begin(1);
    goOn();
  }
  return pages;
}

/** Deterministic by the place of the step, so that machine and model meet the same. */
const fateBy = (list: readonly Fate[]) => (n: number) => list[n % list.length]!;

describe('the escalation machine', () => {
  const fateLists = fc.array(fates, { minLength: 1, maxLength: 12 });

  it('pages whom and when a plain model pages, whatever people do and however channels fail', () =>
    fc.assert(
      fc.property(policies, answers, fateLists, (policy, did, list) => {
        // What ties in one second is told apart by neither: people come at odd moments of their own.
        const apart = did.map((one, i) => ({ ...one, after: one.after * 10 + i + 1 }));
        const slow = list.map((fate): Fate => timesTen(fate));
        const slowPolicy = timesTenPolicy(policy);
        const played = play(slowPolicy, apart, fateBy(slow), () => false);
        const upTo = 20_000;
        expect(played.pages.filter(({ at }) => at <= upTo)).toEqual(model(slowPolicy, apart, fateBy(slow)));
      }),
      { numRuns: 300 },
    ));

  it('does the same when it is cut short and goes on anywhere', () =>
    fc.assert(
      fc.property(policies, answers, fateLists, fc.infiniteStream(fc.boolean()), (policy, did, list, crashes) => {
        const whole = play(policy, did, fateBy(list), () => false);
        expect(play(policy, did, fateBy(list), () => crashes.next().value as boolean)).toEqual(whole);
      }),
    ));

  it('pages no step twice, pages nobody while somebody takes care, and nobody after the end', () =>
    fc.assert(
      fc.property(policies, answers, fateLists, (policy, did, list) => {
        const { pages, noted, end } = play(policy, did, fateBy(list), () => false);
        const places = pages.map(({ step }) => `${step.repeat}/${step.level}`);
        expect(new Set(places).size).toBe(places.length);
        const resolvedAt = Math.min(
          Infinity,
          ...did.filter(({ does }) => does === 'resolve').map(({ after }) => after),
        );
        for (const { at } of pages) expect(at).toBeLessThanOrEqual(resolvedAt);
        if (end.phase.is === 'exhausted') expect(noted.at(-1)?.kind).toBe('exhausted');
        expect(isAnswered(end) || end.phase.is === 'exhausted' || dueAt(end) !== undefined).toBe(true);
      }),
    ));

  it('leaves no level without a page, or without saying why', () =>
    fc.assert(
      fc.property(policies, fateLists, (policy, list) => {
        const { pages, noted, end } = play(
          { ...policy, acknowledgementExpiresSeconds: undefined },
          [],
          fateBy(list),
          () => false,
        );
        expect(end.phase.is).toBe('exhausted');
        const expected = Array.from({ length: policy.repeats + 1 }, (_, repeat) =>
          policy.levels.map((_, i) => ({ level: i + 1, repeat })),
        ).flat();
        expect(pages.map(({ step }) => step)).toEqual(
          expected.filter(({ level, repeat }) => fateBy(list)(repeat * 10 + level) !== 'nobody'),
        );
        const left = noted.filter(({ kind }) => kind === 'timed_out' || kind === 'unreachable');
        const timeless = pages.filter(({ step }) => {
          const fate = fateBy(list)(step.repeat * 10 + step.level);
          const timeout = policy.levels[step.level - 1]!.acknowledgeTimeoutSeconds;
          return typeof fate === 'object' && 'refused' in fate && fate.refused <= timeout;
        });
        expect(left).toHaveLength(pages.length - timeless.length);
      }),
    ));
});

function timesTen(fate: Fate): Fate {
  if (typeof fate === 'string') return fate;
  return Object.fromEntries(Object.entries(fate).map(([name, value]) => [name, value * 10])) as Fate;
}
function timesTenPolicy(policy: PolicySnapshot): PolicySnapshot {
  return {
    ...policy,
    levels: policy.levels.map((one) => ({
      ...one,
      delaySeconds: (one.delaySeconds ?? 0) * 10,
      acknowledgeTimeoutSeconds: one.acknowledgeTimeoutSeconds * 10,
    })),
    ...(policy.acknowledgementExpiresSeconds !== undefined && {
      acknowledgementExpiresSeconds: policy.acknowledgementExpiresSeconds * 10,
    }),
  };
}

describe('dedup keys', () => {
  const alertIds = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._~-]{0,199}$/);
  const places = fc.uniqueArray(
    fc.record({
      level: fc.integer({ min: 0, max: 10 }),
      repeat: fc.integer({ min: 0, max: 99_999 }),
      target: fc.integer({ min: 1, max: 999 }),
    }),
    { selector: ({ level, repeat, target }) => `${level} ${repeat} ${target}`, maxLength: 50 },
  );

  it('differ between all pages of an alert, fit into 255 characters and name their alert', () =>
    fc.assert(
      fc.property(alertIds, places, (alertId, all) => {
        const keys = all.map((place) => dedupKeyOf(alertId, place));
        expect(new Set(keys).size).toBe(keys.length);
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
  const story: Pick<Transition, 'kind' | 'seq'>[] = [
    { kind: 'raised', seq: 0 },
    { kind: 'paged', seq: 1 },
    { kind: 'acknowledged', seq: 2 },
    { kind: 'reopened', seq: 3 },
    { kind: 'snoozed', seq: 4 },
    { kind: 'resolved', seq: 5 },
  ];
  const states = ['open', 'open', 'acknowledged', 'open', 'snoozed', 'resolved'];
  states.forEach((expected, upTo) =>
    fc.assert(
      fc.property(fc.shuffledSubarray(story.slice(0, upTo + 1), { minLength: upTo + 1 }), (some) => {
        expect(stateOf(some)).toBe(expected);
      }),
    ),
  );
});
