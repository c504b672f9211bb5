import * as fc from 'fast-check';
import { type CorrectedEntry, inCorrectedOrder } from './timeline';

const entry = (
  id: string,
  source: string,
  correctedAt: number,
  sequence: number | null,
  more: Partial<CorrectedEntry> = {},
): CorrectedEntry =>
  ({ id, source, stage: 'shop', correctedAt, firstReceivedAt: 100 + correctedAt, sequence, ...more }) as CorrectedEntry;
const ids = (entries: readonly CorrectedEntry[]): string[] => inCorrectedOrder(entries).map(({ id }) => id);

describe('the corrected order', () => {
  it('goes by corrected time', () => {
    expect(ids([entry('b', 's', 2, null), entry('a', 't', 1, null)])).toEqual(['a', 'b']);
  });

  it('goes by sequence where one source has both, in the places that their times give them', () => {
    const entries = [
      entry('s2', 's', 1, 2),
      entry('t', 't', 2, null),
      entry('s1', 's', 3, 1),
      entry('s', 's', 4, null),
    ];
    expect(ids(entries)).toEqual(['s1', 't', 's2', 's']);
  });

  it('has a numbering for each stage of a source', () => {
    const hub = { stage: 'hub' };
    expect(ids([entry('shop-7', 's', 1, 7), entry('hub-3', 's', 2, 3, hub), entry('hub-2', 's', 3, 2, hub)])).toEqual([
      ...['shop-7', 'hub-2', 'hub-3'],
    ]);
  });

  it('goes by time from one numbering to the next, and by number within each', () => {
    const yesterday = [entry('y1', 's', 1, 90_001), entry('y3', 's', 2, 90_003), entry('y2', 's', 3, 90_002)];
    const today = [entry('t2', 's', 11, 12), entry('t1', 's', 12, 11)];
    expect(ids([...today, ...yesterday])).toEqual(['y1', 'y2', 'y3', 't1', 't2']);
    // One that is only delivered late, or whose clock went back, is in the order of its number.
    const late = entry('late', 's', 0, 80_000, { firstReceivedAt: 500 });
    expect(ids([...yesterday, late])).toEqual(['late', 'y1', 'y2', 'y3']);
  });

  it('loses nothing, and has every numbering in its own order', () => {
    const one = fc.record({
      source: fc.constantFrom('s', 't'),
      stage: fc.constantFrom('shop', 'hub'),
      firstReceivedAt: fc.nat(20),
      correctedAt: fc.nat(20),
      sequence: fc.option(fc.nat(20)),
    });
    fc.assert(
      fc.property(fc.array(one), (given) => {
        const entries = given.map((each, n) => ({ ...each, id: String(n) }) as CorrectedEntry);
        const ordered = inCorrectedOrder(entries);
        expect(new Set(ordered)).toEqual(new Set(entries));
        for (const [source, stage] of [
          ['s', 'shop'],
          ['s', 'hub'],
          ['t', 'shop'],
          ['t', 'hub'],
        ]) {
          const numbers = ordered
            .filter((each) => each.source === source && each.stage === stage && each.sequence !== null)
            .map((each) => each.sequence!);
          expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        }
        const times = ordered.filter(({ sequence }) => sequence === null).map(({ correctedAt }) => correctedAt);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
    );
  });
});
