import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { VirtualTiming } from './testing/virtual-timing';
import { KeyedTokenBucket } from './token-bucket';

const FOREVER = Number.MAX_SAFE_INTEGER;
const OPTIONS = { callsPerMinute: 120, burst: 60, maxKeys: 100 };

test('a rested key has its burst at once, then a call a second', async () => {
  const timing = new VirtualTiming();
  const bucket = new KeyedTokenBucket(OPTIONS, timing);
  const start = timing.now();
  for (let call = 0; call < 60; call++) await bucket.take('a', FOREVER);
  expect(timing.now() - start).toBe(0);
  for (let call = 0; call < 30; call++) await bucket.take('a', FOREVER);
  expect(timing.now() - start).toBeCloseTo(30_000, 3);
});

test('no minute sees more than its calls, however they arrive', async () => {
  const arrivals = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90_000 })), { maxLength: 300 });
  const limits = fc.integer({ min: 2, max: 50 }).chain((callsPerMinute) =>
    fc.record({
      callsPerMinute: fc.constant(callsPerMinute),
      burst: fc.integer({ min: 1, max: callsPerMinute - 1 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(arrivals, limits, async (gaps, limit) => {
      const timing = new VirtualTiming();
      const bucket = new KeyedTokenBucket({ ...limit, maxKeys: 1 }, timing);
      const granted: number[] = [];
      for (const gap of gaps) {
        timing.advance(gap);
        await bucket.take('a', FOREVER);
        granted.push(timing.now());
      }
      granted.forEach((at, index) => {
        const first = granted[index - limit.callsPerMinute];
        // A thousandth of a millisecond for floating point.
        if (first !== undefined) expect(at - first).toBeGreaterThanOrEqual(60_000 - 0.001);
      });
    }),
  );
});

test('keys do not wait for each other', async () => {
  const timing = new VirtualTiming({ held: true });
  const bucket = new KeyedTokenBucket({ callsPerMinute: 2, burst: 1, maxKeys: 100 }, timing);
  await bucket.take('a', FOREVER);
  expect(await bucket.take('b', FOREVER)).toEqual({ granted: true });
  expect(timing.slept).toEqual([]);
});

test('a turn after the deadline is refused at once, tells the wait and uses nothing up', async () => {
  const timing = new VirtualTiming();
  const bucket = new KeyedTokenBucket({ callsPerMinute: 2, burst: 1, maxKeys: 100 }, timing);
  await bucket.take('a', FOREVER);
  for (let repeat = 0; repeat < 3; repeat++) {
    const turn = await bucket.take('a', timing.now() + 10_000);
    expect(turn).toEqual({ granted: false, waitMs: 60_000 });
  }
  expect(timing.slept).toEqual([]);
  await bucket.take('a', FOREVER);
  expect(timing.slept).toEqual([60_000]);
});

test('an aborted wait ends at once and gives its turn to the next', async () => {
  const timing = new VirtualTiming({ held: true });
  const bucket = new KeyedTokenBucket({ callsPerMinute: 2, burst: 1, maxKeys: 100 }, timing);
  await bucket.take('a', FOREVER);
  const controller = new AbortController();
  const waiting = bucket.take('a', FOREVER, controller.signal);
  controller.abort();
  await expect(waiting).rejects.toThrow('aborted');
  const next = bucket.take('a', FOREVER);
  expect(timing.slept).toEqual([60_000, 60_000]);
  timing.advance(60_000);
  expect(await next).toEqual({ granted: true });
});

test('waiters are served in the order in which they came', async () => {
  const timing = new VirtualTiming({ held: true });
  const bucket = new KeyedTokenBucket({ callsPerMinute: 2, burst: 1, maxKeys: 100 }, timing);
  await bucket.take('a', FOREVER);
  const served: number[] = [];
  const waiting = [1, 2, 3].map((caller) => bucket.take('a', FOREVER).then(() => served.push(caller)));
  for (const count of [1, 2, 3]) {
    timing.advance(60_000);
    await waiting[count - 1];
    expect(served).toEqual([1, 2, 3].slice(0, count));
  }
});

test('a pause holds back those who ask and those who already wait', async () => {
  const timing = new VirtualTiming({ held: true });
  const bucket = new KeyedTokenBucket({ callsPerMinute: 20, burst: 10, maxKeys: 100 }, timing);
  for (let call = 0; call < 10; call++) await bucket.take('a', FOREVER);
  const waiting = bucket.take('a', FOREVER);
  bucket.pause('a', 30_000);
  timing.advance(6_000);
  await nextTurn();
  expect(timing.slept).toEqual([6_000, 24_000]);
  expect(await bucket.take('a', timing.now() + 20_000)).toMatchObject({ granted: false });
  expect(await bucket.take('b', timing.now())).toEqual({ granted: true });
  timing.advance(24_000);
  expect(await waiting).toEqual({ granted: true });
});

test('remembers a bounded number of keys, and those in use rather than others', async () => {
  const timing = new VirtualTiming();
  const bucket = new KeyedTokenBucket({ callsPerMinute: 2, burst: 1, maxKeys: 100 }, timing);
  await bucket.take('in use', FOREVER);
  for (let key = 0; key < 5_000; key++) {
    await bucket.take(`key ${key}`, FOREVER);
    const refused = await bucket.take('in use', timing.now());
    expect(refused.granted).toBe(false);
  }
  expect(bucket.size).toBe(100);
});

test.each([
  { callsPerMinute: 120, burst: 0 },
  { callsPerMinute: 120, burst: 120 },
  { callsPerMinute: Number.NaN, burst: 1 },
])('refuses limits that admit nothing or too much: %p', (limit) => {
  expect(() => new KeyedTokenBucket({ ...limit, maxKeys: 1 }, new VirtualTiming())).toThrow(RangeError);
});
