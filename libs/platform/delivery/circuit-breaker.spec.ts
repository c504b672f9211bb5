import { CircuitBreaker, CircuitOpenError } from './circuit-breaker';
import { DeliveryError, type DeliveryErrorKind } from './delivery-error';

let now = 0;
let breaker: CircuitBreaker;
beforeEach(() => {
  now = 0;
  breaker = new CircuitBreaker({ failures: 3, openMs: 1_000, longestMs: 3_000, now: () => now });
});

const outcome = (call: () => Promise<unknown>, key = 'a'): Promise<unknown> =>
  breaker.run(key, call).then(
    (value) => value,
    (error: unknown) => (error instanceof CircuitOpenError ? ['open', error.waitMs] : (error as DeliveryError).kind),
  );
const works = (): Promise<string> => Promise.resolve('sent');
const fails =
  (kind: DeliveryErrorKind = 'failing', status?: number) =>
  (): Promise<never> =>
    Promise.reject(new DeliveryError(kind, 'x', { status }));

test('failures in a row open it, for one key', async () => {
  for (const kind of ['failing', 'unreachable', 'failing'] as const) expect(await outcome(fails(kind))).toBe(kind);
  expect(await outcome(works)).toEqual(['open', 1_000]);
  expect(await outcome(works, 'b')).toBe('sent');
});

test('a success, or a refusal by who is there, ends the row', async () => {
  for (const call of [fails(), fails(), works, fails(), fails(), fails('refused', 400), fails(), fails()])
    await outcome(call);
  expect(await outcome(works)).toBe('sent');
});

test('a turn that our own limit did not give says nothing about who is there', async () => {
  for (const call of [fails(), fails(), fails('rate_limited'), fails()]) await outcome(call);
  expect(await outcome(works)).toEqual(['open', 1_000]);
});

test('one trial closes it, or opens it for twice as long, up to the longest', async () => {
  for (let failure = 0; failure < 3; failure++) await outcome(fails());
  const waits: unknown[] = [];
  for (const wait of [1_000, 2_000, 3_000]) {
    now += wait;
    let give = (): void => undefined;
    const trial = outcome(() => new Promise<void>((resolve) => (give = resolve)).then(fails()));
    expect(await outcome(works)).toEqual(['open', 1_000]); // while the trial is under way
    give();
    expect(await trial).toBe('failing');
    waits.push(await outcome(works));
  }
  expect(waits).toEqual([
    ['open', 2_000],
    ['open', 3_000],
    ['open', 3_000],
  ]);
  now += 3_000;
  expect(await outcome(works)).toBe('sent');
  expect(await outcome(fails())).toBe('failing');
  expect(await outcome(works)).toBe('sent');
});

test('calls that were under way when it opened do not keep it open for longer', async () => {
  await Promise.all(Array.from({ length: 10 }, () => outcome(fails())));
  expect(await outcome(works)).toEqual(['open', 1_000]);
});
