import fc from 'fast-check';
import { backoffMs, rateResetMs, retryAfterMs } from './retry';

const NOW = Date.parse('2030-01-02T03:04:05Z');

test.each([
  ['120', {}, 120_000],
  [' 0 ', {}, 0],
  ['Wed, 02 Jan 2030 03:04:35 GMT', {}, 30_000],
  // The server's clock is an hour ahead: its own Date says so.
  ['Wed, 02 Jan 2030 04:04:35 GMT', { date: 'Wed, 02 Jan 2030 04:04:05 GMT' }, 30_000],
  ['Wed, 02 Jan 2030 03:04:35 GMT', { date: 'nonsense' }, 30_000],
  ['Wednesday, 02-Jan-30 03:04:35 GMT', {}, 30_000],
  ['Wed Jan  2 03:04:35 2030 GMT', {}, 30_000],
  ['Wed, 02 Jan 2030 03:04:00 GMT', {}, undefined],
  ['-5', {}, undefined],
  ['1.5', {}, undefined],
  ['1e9', {}, undefined],
  ['9999999999', {}, undefined],
  ['soon', {}, undefined],
  ['', {}, undefined],
])('Retry-After %p with %p asks for %p ms', (value, others, expected) => {
  expect(retryAfterMs(new Headers({ 'retry-after': value, ...others }), NOW)).toBe(expected);
});

test('without a Retry-After nothing is asked for', () => {
  expect(retryAfterMs(new Headers(), NOW)).toBeUndefined();
});

test('any Retry-After gives a wait that is no NaN and not negative, or none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (value) => {
      const wait = retryAfterMs(new Headers({ 'retry-after': value }), NOW);
      return wait === undefined || wait >= 0;
    }),
  );
});

test('backoff doubles up to the cap, with full jitter', () => {
  const ceilings = [1, 2, 3, 4, 50].map((attempt) => backoffMs(attempt, 500, 3_000, () => 1));
  expect(ceilings).toEqual([500, 1_000, 2_000, 3_000, 3_000]);
  expect(backoffMs(3, 500, 3_000, () => 0)).toBe(0);
  expect(backoffMs(3, 500, 3_000, () => 0.25)).toBe(500);
});

test.each([
  ['17', 17_000],
  ['0', 0],
  ['soon', undefined],
  ['', undefined],
])('RateLimit-Reset %p: %p', (value, milliseconds) => {
  expect(rateResetMs(new Headers({ 'ratelimit-reset': value }))).toBe(milliseconds);
});
