import { createHash } from 'node:crypto';
import { BloomFilter } from '@holdfast/domains/tracking/intake/bloom-filter';
import * as fc from 'fast-check';

const hashOf = (name: string): Buffer => createHash('sha256').update(name).digest();

describe('filter of identities', () => {
  it('never denies what was added, and raises false alarms for less than 5% of the rest, at any number of layers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 64, max: 1_000 }),
        fc.integer({ min: 1, max: 30 }),
        fc.nat(),
        (size, times, seed) => {
          const filter = new BloomFilter(size);
          const added = size * times;
          for (let i = 0; i < added; i++) filter.add(hashOf(`${seed}/${i}`));
          let lost = 0;
          for (let i = 0; i < added; i++) if (!filter.mayHave(hashOf(`${seed}/${i}`))) lost++;
          expect(lost).toBe(0);
          let alarms = 0;
          for (let i = 0; i < 2_000; i++) if (filter.mayHave(hashOf(`${seed}/other/${i}`))) alarms++;
          expect(alarms / 2_000).toBeLessThan(0.05);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('raises next to no alarm while it is nearly empty: no two hashes share a pattern more often than they must', () => {
    const filter = new BloomFilter(20_000);
    for (let i = 0; i < 2_000; i++) filter.add(hashOf(`in/${i}`));
    let alarms = 0;
    for (let i = 0; i < 50_000; i++) if (filter.mayHave(hashOf(`out/${i}`))) alarms++;
    expect(alarms).toBeLessThan(3);
  });

  it('reads hashes at their offset', () => {
    const filter = new BloomFilter(100);
    const all = Buffer.concat(['a', 'b', 'c'].map((name) => hashOf(name).subarray(0, 16)));
    for (let at = 0; at < all.length; at += 16)
      expect([filter.add(all, at), filter.add(all, at)]).toEqual([false, true]);
    expect(['a', 'b', 'c', 'd'].map((name) => filter.mayHave(hashOf(name)))).toEqual([true, true, true, false]);
  });

  it('does not grow when the same is added over and over', () => {
    const filter = new BloomFilter(1_000);
    const before = filter.bytes;
    for (let i = 0; i < 20_000; i++) filter.add(hashOf(String(i % 100)));
    expect(filter.bytes).toBe(before);
    for (let i = 0; i < 20_000; i++) filter.add(hashOf(String(i)));
    expect(filter.bytes).toBeGreaterThan(before * 10);
  });
});
