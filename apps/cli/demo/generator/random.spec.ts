import { Random } from './random';

describe('Random', () => {
  it('gives the published sequence of xoshiro128** from the state 1, 2, 3, 4', () => {
    const random = Random.inState(1, 2, 3, 4);
    const drawn = Array.from({ length: 10 }, () => random.next());
    expect(drawn).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('starts each stream, purpose and seed elsewhere, and the same one in the same place', () => {
    const first = (seed: number, purpose: 'order' | 'noise', stream: number): string =>
      new Random(seed, purpose).at(stream).token();
    const started = new Set<string>();
    for (const seed of [0, 1, 2, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER])
      for (const purpose of ['order', 'noise'] as const)
        for (let stream = -500; stream < 500; stream++) started.add(first(seed, purpose, stream));
    expect(started.size).toBe(12_000);
    expect(first(7, 'noise', 3)).toBe(first(7, 'noise', 3));
  });

  it('draws evenly across neighbouring streams', () => {
    const random = new Random(11, 'order');
    const counts = Array.from({ length: 10 }, () => 0);
    for (let stream = 0; stream < 20_000; stream++) {
      const drawn = random.at(stream).below(10);
      counts[drawn] = counts[drawn]! + 1;
    }
    // Six standard deviations of a binomial distribution with n = 20,000 and p = 0.1 are 255.
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(255);
  });
});
