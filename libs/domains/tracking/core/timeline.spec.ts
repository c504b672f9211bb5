import * as fc from 'fast-check';
import { type CorrectedEntry, inCorrectedOrder } from './timeline';

const entry = (id: string, source: string, correctedAt: number, sequence: number | null): CorrectedEntry =>
  ({ id, source, correctedAt, sequence }) as CorrectedEntry;
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

  it('loses nothing, and has every source in its own order', () => {
    const one = fc.record({
      source: fc.constantFrom('s', 't'),
      correctedAt: fc.nat(20),
      sequence: fc.option(fc.nat(20)),
    });
    fc.assert(
      fc.property(fc.array(one), (given) => {
        const entries = given.map((each, n) => ({ ...each, id: String(n) }) as CorrectedEntry);
        const ordered = inCorrectedOrder(entries);
        expect(new Set(ordered)).toEqual(new Set(entries));
        for (const source of ['s', 't']) {
          const numbers = ordered
            .filter((each) => each.source === source && each.sequence !== null)
            .map((each) => each.sequence!);
          expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        }
        const times = ordered.filter(({ sequence }) => sequence === null).map(({ correctedAt }) => correctedAt);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
    );
  });
});
