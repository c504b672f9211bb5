import type { Severity } from '@holdfast/domains/alerting/core/alert';
import { type Sample, type SeriesState, step, termsOf } from '@holdfast/domains/rules/core/series';
import * as fc from 'fast-check';

const SECOND = 1_000_000;
const STEP = 15 * SECOND;
const RUNS = { numRuns: 500 };
const BANDS = [
  { severity: 'warning', at: 5 },
  { severity: 'critical', at: 10 },
] as const;
const WORST = ['critical', 'warning'] as const;

const sample = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 14 }) },
  { weight: 1, arbitrary: fc.constant('absent' as const) },
  { weight: 1, arbitrary: fc.constant('error' as const) },
);
type Told = number | 'absent' | 'error';
const sampleOf = (told: Told): Sample =>
  typeof told === 'number'
    ? { is: 'value', value: told, judged: told }
    : told === 'absent'
      ? { is: 'absent' }
      : { is: 'error', fault: 'division_by_zero' };
/** Steps of the clock: mostly one, sometimes a long gap, sometimes back. */
const moves = fc.oneof(
  { weight: 10, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.constantFrom(2, 4, 5, 8, 30, 41) },
  { weight: 1, arbitrary: fc.constantFrom(-1, -40) },
);
const scenario = fc.record({
  told: fc.array(fc.record({ move: moves, sample }), { minLength: 1, maxLength: 60 }),
  forSteps: fc.integer({ min: 0, max: 4 }),
  keepSteps: fc.integer({ min: 0, max: 4 }),
  clear: fc.integer({ min: 2, max: 5 }),
  policy: fc.constantFrom('alert', 'keep', 'ok'),
  afterSteps: fc.integer({ min: 0, max: 4 }),
});

/** One instant of what was seen, in the order of its evaluation. */
interface Seen {
  readonly at: number;
  readonly told: Told;
}

/** The longest time between rounds up to one of them, each counted for a fiftieth less with every round behind it; what took more than ten minutes is downtime. */
const paceAt = (seen: readonly Seen[], i: number): number =>
  Math.max(
    0,
    ...seen.slice(1, i + 1).map(({ at }, before) => {
      const taken = at - seen[before]!.at;
      return taken > 40 * STEP ? 0 : taken * 0.98 ** (i - before - 1);
    }),
  );

/** How long something has been so without a break up to the last instant, by looking back over everything that was seen; undefined where it is not so. */
function heldFor(seen: readonly Seen[], isSo: (told: Told) => boolean, begin = 0): number | undefined {
  const last = seen.at(-1)!;
  if (!isSo(last.told)) return undefined;
  let since = last.at;
  for (let i = seen.length - 2; i >= begin; i--) {
    const [one, next] = [seen[i]!, seen[i + 1]!];
    const gap = next.at - one.at;
    const longest = Math.max(4 * STEP, Math.min(40 * STEP, 2 * paceAt(seen, i)));
    if (!isSo(one.told) || gap < 0 || gap > longest) break;
    since = one.at;
  }
  return last.at - since;
}

it('fires and ends as a model says that looks back over everything each time', () => {
  fc.assert(
    fc.property(scenario, ({ told, forSteps, keepSteps, clear, policy, afterSteps }) => {
      const terms = termsOf(
        {
          ...{ windowSeconds: 60, when: { kind: 'threshold', is: 'above', bands: BANDS, clear }, labels: {} },
          ...{ forSeconds: forSteps * 15, keepFiringSeconds: keepSteps * 15, enabled: true },
          absent: { policy, afterSeconds: afterSteps * 15, severity: 'info' },
        },
        STEP,
      );
      const seen: Seen[] = [];
      let state: SeriesState | undefined;
      /** The model's own firing. */
      let firing: { cause: string; severity: Severity; from: number } | undefined;
      let at = 1_000_000 * STEP;
      for (const one of told) {
        at += one.move * STEP;
        seen.push({ at, told: one.sample });
        state = step(state, sampleOf(one.sample), at, terms);

        const band = WORST.find((severity) => {
          const level = BANDS.find((each) => each.severity === severity)!.at;
          const held = heldFor(seen, (each) => typeof each === 'number' && each > level);
          return held !== undefined && held >= forSteps * STEP;
        });
        const absent = policy === 'alert' ? heldFor(seen, (each) => each === 'absent') : undefined;
        const wrong = heldFor(seen, (each) => each === 'error');
        const due =
          absent !== undefined && absent >= afterSteps * STEP
            ? { cause: 'absent', severity: 'info' as const }
            : wrong !== undefined && wrong >= forSteps * STEP
              ? { cause: 'error', severity: 'error' as const }
              : band && { cause: 'value', severity: band };
        const wellOf = (cause: string) => (each: Told) =>
          each === 'absent' ? policy === 'ok' : typeof each === 'number' && !(cause === 'value' && each > clear);
        const well = firing && heldFor(seen, wellOf(firing.cause), firing.from);
        const rises =
          firing?.cause === 'value' &&
          due?.cause === 'value' &&
          due.severity === 'critical' &&
          firing.severity !== due.severity;
        if (!firing || rises || (well !== undefined && (due || well >= keepSteps * STEP)))
          firing = due && { ...due, from: seen.length - 1 };

        expect(state.firing && { cause: state.firing.cause, severity: state.firing.severity }).toEqual(
          firing && { cause: firing.cause, severity: firing.severity },
        );
        if (firing) expect(state.firing!.since).toBe(seen[firing.from]!.at);
        // The same instant again is no news, whatever is measured then.
        expect(step(state, { is: 'value', value: 99, judged: 99 }, at, terms)).toBe(state);
      }
    }),
    RUNS,
  );
});
