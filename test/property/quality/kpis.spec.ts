import { measuredOf, percentilesOfHours, waysOf } from '@holdfast/domains/quality/core/kpi';
import * as fc from 'fast-check';

const stages = (...ids: string[]) => ({ stages: ids.map((id) => ({ id, role: 'source' as const })) });

test('percentiles of hours are those of all hours, empty ones among them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 1_000 }), { maxLength: 50 }),
      fc.integer({ min: 0, max: 50 }),
      (counts, empty) => {
        const all = [...counts, ...Array.from({ length: empty }, () => 0)].toSorted((a, b) => a - b);
        const rank = (level: number): number => all[Math.max(1, Math.ceil(level * all.length)) - 1]!;
        expect(percentilesOfHours(counts, all.length)).toEqual(
          all.length === 0
            ? undefined
            : { p50: rank(0.5), p75: rank(0.75), p90: rank(0.9), p95: rank(0.95), p99: rank(0.99) },
        );
      },
    ),
  );
});

test('the way of two stages is its only hop, and is measured once', () => {
  expect(measuredOf(stages('a', 'b')).hops).toEqual([
    { from: '', to: '' },
    { from: 'a', to: '' },
    { from: 'b', to: '' },
    { from: 'a', to: 'b' },
  ]);
  expect(
    waysOf({ stages: [...stages('a', 'b').stages, { id: 'eye', role: 'observer' }, { id: 'c', role: 'target' }] }),
  ).toEqual({
    hops: [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
    ],
    cycle: { from: 'a', to: 'c' },
  });
});
