import fc from 'fast-check';
import { isRoutingKey, truncateSummary } from './event';

const WELL_FORMED = /^\P{Surrogate}*$/u;

test('a short summary stays as it is', () => {
  const text = 'x'.repeat(1_024);
  expect(truncateSummary(text)).toBe(text);
});

test('a long summary is cut to 1,024 with an ellipsis', () => {
  expect(truncateSummary('x'.repeat(5_000))).toBe(`${'x'.repeat(1_023)}…`);
});

test.each([
  ['a surrogate pair', '😀'],
  ['a family joined of several', '👩‍👩‍👧‍👦'],
  ['a letter with combining marks', 'e\u0301\u0302\u0303'],
])('%s on the edge is not cut in two', (_, grapheme) => {
  for (let before = 1_024 - grapheme.length; before < 1_024; before++) {
    const cut = truncateSummary('x'.repeat(before) + grapheme.repeat(20));
    const kept = cut.slice(0, -1);
    expect(kept.replaceAll(grapheme, '')).toMatch(/^x+$/);
    expect(cut.length).toBeLessThanOrEqual(1_024);
  }
});

test('a single endless grapheme still fills the room', () => {
  const cut = truncateSummary(`e${'\u0301'.repeat(5_000)}`);
  expect(cut).toHaveLength(1_024);
});

test.each(['e', 'xe'])('an endless grapheme of surrogate pairs after %p keeps the pairs whole', (start) => {
  const cut = truncateSummary(start + '\u{1D165}'.repeat(2_000));
  expect(cut).toMatch(WELL_FORMED);
  expect(cut.length).toBeGreaterThan(1_020);
});

test('lone surrogates, which no JSON text may hold, are replaced', () => {
  expect(truncateSummary('a\ud800b')).toBe('a\uFFFDb');
});

test('every summary fits and is well-formed', () => {
  const long = fc
    .array(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })), { maxLength: 20 })
    .map((parts) => parts.join('').repeat(60));
  const broken = fc.string({
    unit: fc.nat({ max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    maxLength: 3_000,
  });
  fc.assert(
    fc.property(fc.oneof(long, broken), (text) => {
      const cut = truncateSummary(text);
      expect(cut.length).toBeLessThanOrEqual(1_024);
      expect(cut).toMatch(WELL_FORMED);
      if (text.length > 1_024) expect(cut.length).toBeGreaterThan(500);
    }),
  );
});

test.each([
  ['0123456789abcdef0123456789ABCDEF', true],
  ['0123456789abcdef0123456789abcde', false],
  ['0123456789abcdef0123456789abcdef0', false],
  ['0123456789abcdef0123456789abcde\n', false],
  ['0123456789abcdef 123456789abcdef', false],
])('routing key %p: %p', (key, usable) => {
  expect(isRoutingKey(key)).toBe(usable);
});
