import { alertIdOf } from './firing';
import { type SeriesState, step, termsOf } from './series';

const SECOND = 1_000_000;
const BANDS = [
  { severity: 'warning', at: 1 },
  { severity: 'error', at: 2 },
  { severity: 'critical', at: 3 },
] as const;
const terms = (forSeconds: number, keepFiringSeconds = 0) =>
  termsOf(
    {
      ...{ windowSeconds: 60, when: { kind: 'threshold', is: 'above', bands: BANDS }, labels: {}, enabled: true },
      ...{ forSeconds, keepFiringSeconds, absent: { policy: 'ok', afterSeconds: 0, severity: 'info' } },
    },
    15 * SECOND,
  );

/** Rounds at these seconds, of these values; what the series is after each. */
function through(rounds: readonly (readonly [number, number])[], own = terms(0)): SeriesState[] {
  const states: SeriesState[] = [];
  for (const [at, value] of rounds)
    states.push(step(states.at(-1), { is: 'value', value, judged: value }, at * SECOND, own));
  return states;
}
/** When it begins to fire, and when it ends, in seconds. */
const changes = (states: readonly SeriesState[]): number[] =>
  states
    .filter(({ firing }, i) => (firing === undefined) !== (states[i - 1]?.firing === undefined))
    .map(({ evaluatedAt }) => evaluatedAt / SECOND);
const each = (seconds: number, until: number, value: (at: number) => number): [number, number][] =>
  Array.from({ length: until / seconds }, (_, i) => [15 + i * seconds, value(15 + i * seconds)]);

test.each([75, 150, 600])('for and keepFiring end although each round takes %d s', (seconds) => {
  const healed = 15 + 5 * seconds;
  const states = through(
    each(seconds, 20 * seconds, (at) => (at < healed ? 9 : 0)),
    terms(60, 60),
  );
  // The first gap is one: nobody knows yet that rounds are slow.
  expect(changes(states)).toEqual([15 + 2 * seconds, healed + seconds]);
});

test('a round that is slow every few minutes is no gap each time', () => {
  const rounds = Array.from({ length: 100 }, (_, i): [number, number] => [15 + i * 15 + Math.floor(i / 10) * 60, 9]);
  expect(changes(through(rounds, terms(600)))).toHaveLength(1);
});

test('behind downtime for begins anew, and downtime does not pass for slowness', () => {
  const rounds = [...each(15, 60, () => 9), [700, 9], [820, 9], [835, 9], [880, 9]] as const;
  expect(changes(through(rounds, terms(60)))).toEqual([880]);
});

test('what gets worse has an alert of its own that is known for the same firing', () => {
  const states = through([
    [15, 1.5],
    [30, 2.5],
    [45, 3.5],
    [60, 2.5],
    [75, 0],
    [90, 3.5],
  ]);
  const ids = states.map(({ firing }) => firing && alertIdOf({ ...firing, rule: 'r', series: '[]' }));
  const [first, second, third, fourth, none, later] = ids;
  expect(new Set([first, second, third]).size).toBe(3);
  expect(fourth).toBe(third);
  expect([second, third].map((id) => id!.split('~')[0])).toEqual([first, first]);
  expect(none).toBeUndefined();
  expect(later!.split('~')).toEqual([later]);
  expect(later).not.toBe(first);
});
