import { hasReached, type SourceMark } from './watermark';

const MINUTE = 60_000_000;
const TO = 100 * MINUTE;
const IDLE = 10 * MINUTE;
const mark = (source: string, reached: number, heardAt: number, stage = 'shop'): SourceMark => ({
  stage,
  source,
  reached: reached * MINUTE,
  heardAt: heardAt * MINUTE,
});

test.each<[string, SourceMark[], number, boolean]>([
  ['nobody was heard of', [], 1_000, false],
  ['only another stage was', [mark('a', 120, 120, 'erp')], 1_000, false],
  ['its one source has come so far', [mark('a', 100, 101)], 101, true],
  ['one of two has not', [mark('a', 100, 101), mark('b', 99, 101)], 105, false],
  ['the other one has been idle', [mark('a', 100, 101), mark('b', 50, 51)], 110, true],
  [
    'the other one was idle before, but the time is only just over',
    [mark('a', 100, 101), mark('b', 50, 51)],
    109,
    false,
  ],
  ['all have been idle since', [mark('a', 98, 99)], 110, true],
  ['the idle one was heard of again', [mark('a', 100, 101), mark('b', 60, 108)], 112, false],
])('where %s', (_, marks, now, expected) => {
  expect(hasReached(marks, 'shop', TO, IDLE, now * MINUTE)).toBe(expected);
});
