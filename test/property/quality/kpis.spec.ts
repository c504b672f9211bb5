import { measuredOf, percentilesOfHours, waysOf } from '@holdfast/domains/quality/core/kpi';
import * as fc from 'fast-check';

const stages = (...ids: string[]) => ({
  stages: ids.map((id) => ({ id, role: 'source' as const })),
  cardinality: '1:1' as const,
});

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

const namesOf = ({ from, to }: { from: string; to: string }): string => `${from}->${to}`;

test('the way of two stages is its only hop, and is measured once', () => {
  expect(measuredOf(stages('a', 'b')).ways.map(namesOf)).toEqual(['->', 'a->', 'a->b']);
  const three = [...stages('a', 'b').stages, { id: 'eye', role: 'observer' }, { id: 'c', role: 'target' }] as const;
  const { hops, cycle } = waysOf({ stages: three, cardinality: '1:1' });
  expect([hops.map(namesOf), namesOf(cycle)]).toEqual([['a->b', 'b->c'], 'a->c']);
});

test('a process that branches begins at either and ends where all ways do', () => {
  const shape = {
    ...stages('web', 'store', 'hub', 'north', 'south', 'bill'),
    hops: [
      { from: ['web', 'store'], to: ['hub'], cardinality: '1:1' as const },
      { from: ['hub'], to: ['north', 'south'], cardinality: '1:n' as const },
      { from: ['hub'], to: ['bill'], cardinality: '1:1' as const },
    ],
  };
  const { hops, cycle } = waysOf(shape);
  expect([hops.map(namesOf), namesOf(cycle)]).toEqual([
    ['web+store->hub', 'hub->north+south', 'hub->bill'],
    'web+store->north+south&bill',
  ]);
  expect(cycle).toMatchObject({ fromStages: ['web', 'store'], toGroups: [['north', 'south'], ['bill']] });
  expect(measuredOf(shape).ways.map(namesOf)).toEqual([
    '->',
    'web+store->',
    'hub->',
    'web+store->hub',
    'hub->north+south',
    'hub->bill',
    'web+store->north+south&bill',
  ]);
});
