import { createHash } from 'node:crypto';
import { IdentityFilter } from './identity-filter';
import { IntakeMemory, STRAGGLERS } from './intake-memory';

const SECOND = 1_000_000;
const CLAIMED = 1_000 * SECOND;
/** When nothing that others began can land any more. */
const QUIET = CLAIMED + STRAGGLERS;

const memoryOf = (filter?: IdentityFilter): IntakeMemory =>
  new IntakeMemory('owner', CLAIMED, [], 900 * SECOND, 950 * SECOND, filter);

describe('what was received', () => {
  it('has settled when all that arrived before is stored; and not at all soon after the claim', () => {
    const memory = memoryOf();
    const [first, second] = [memory.arrive(CLAIMED + 1), memory.arrive(CLAIMED + 5 * SECOND)];
    expect(memory.settledUntil(QUIET - 1)).toBe(900 * SECOND);
    expect(memory.settledUntil(QUIET)).toBe(first.receivedAt);
    first.end(false);
    expect(memory.settledUntil(QUIET)).toBe(second.receivedAt);
    second.end(false);
    expect(memory.settledUntil(QUIET)).toBe(QUIET);
  });

  it('and was given up may land for a while after the store has answered again', () => {
    const memory = memoryOf();
    const lost = memory.arrive(CLAIMED + 1);
    lost.end(true);
    const answered = QUIET + 3_600 * SECOND;
    expect(memory.settledUntil(answered)).toBe(lost.receivedAt);
    expect(memory.settledUntil(answered + STRAGGLERS - 1)).toBe(lost.receivedAt);
    expect(memory.settledUntil(answered + STRAGGLERS)).toBe(answered + STRAGGLERS);
  });

  it('is never received before what has settled, also where the clock was set back', () => {
    const memory = memoryOf();
    const settled = memory.settledUntil(QUIET);
    expect(memory.arrive(CLAIMED).receivedAt).toBeGreaterThanOrEqual(settled);
    const other = memoryOf();
    expect(other.arrive(CLAIMED).receivedAt).toBe(CLAIMED);
    expect(other.arrive(5).receivedAt).toBeGreaterThanOrEqual(900 * SECOND);
  });
});

describe('the filter', () => {
  const hashOf = (name: string): Buffer => createHash('sha256').update(name).digest().subarray(0, 16);

  it('forgets what was received of late once it stands in a generation, and nothing before', () => {
    const filter = new IdentityFilter(10, 100);
    const memory = memoryOf(filter);
    filter.add(hashOf('early'));
    const late = memory.arrive(CLAIMED + 30 * SECOND);
    filter.add(hashOf('late'));
    memory.kept(CLAIMED + 10 * SECOND); // begins to collect anew
    filter.add(hashOf('later'));
    memory.kept(late.receivedAt); // what was received then is not copied yet
    expect(['early', 'late', 'later'].map((name) => filter.whereabouts(hashOf(name)))).toEqual([
      ['recent'],
      ['recent'],
      ['recent'],
    ]);
    memory.kept(late.receivedAt + 1);
    expect(['early', 'late', 'later'].map((name) => filter.whereabouts(hashOf(name)))).toEqual([[], [], ['recent']]);
  });

  it('keeps what others received by a clock that is ahead until that was copied', () => {
    const filter = new IdentityFilter(10, 100);
    const ahead = CLAIMED + 500 * SECOND;
    const memory = new IntakeMemory('owner', CLAIMED, [], 0, ahead, filter);
    filter.add(hashOf('theirs'));
    for (let at = CLAIMED; at <= ahead; at += SECOND) memory.kept(at);
    expect(filter.whereabouts(hashOf('theirs'))).toEqual(['recent']);
    memory.kept(ahead + 1);
    expect(filter.whereabouts(hashOf('theirs'))).toEqual([]);
  });

  it('knows which generation an identity stands in; each is twice as large as the one before it', () => {
    const filter = new IdentityFilter(10, 100);
    const names = Array.from({ length: 100 }, (_, i) => String(i));
    const put = names.map((name) => {
      const generation = filter.next();
      filter.fill(generation, hashOf(name));
      return generation;
    });
    const sizes = [0, 1, 2, 3].map((generation) => put.filter((one) => one === generation).length);
    expect(sizes).toEqual([10, 20, 40, 30]);
    names.forEach((name, i) => expect(filter.whereabouts(hashOf(name))).toContain(put[i]));
    expect(names.flatMap((name) => filter.whereabouts(hashOf(name))).length).toBeLessThan(110);
    expect(filter.sizes).toEqual(sizes.map((size, generation) => [generation, size]));
    expect([0, 1, 2, 3].filter((generation) => filter.isComplete(generation))).toEqual([0, 1, 2]);
    expect(filter.places).toEqual(['recent', 0, 1, 2, 3]);
  });

  it('that is read again goes on where it was', () => {
    const filter = new IdentityFilter(10, 100);
    filter.open(0, 10);
    filter.open(1, 12);
    filter.fill(0, Buffer.concat(Array.from({ length: 10 }, (_, i) => hashOf(`a${i}`))));
    filter.fill(1, Buffer.concat(Array.from({ length: 12 }, (_, i) => hashOf(`b${i}`))));
    expect(filter.next()).toBe(1);
    filter.fill(1, Buffer.concat(Array.from({ length: 8 }, (_, i) => hashOf(`c${i}`))));
    expect(filter.next()).toBe(2);
  });
});
