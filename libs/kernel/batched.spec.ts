import { Batched } from './batched';
import { DomainError } from './errors';

/** Runs batches when it is told to, and keeps what they were. */
function gated(run: (batch: readonly number[]) => readonly number[] = (batch) => batch.map((n) => n * 10)) {
  const batches: (readonly number[])[] = [];
  const gates: (() => void)[] = [];
  const batched = new Batched<number, number>(async (batch) => {
    batches.push(batch);
    await new Promise<void>((open) => gates.push(open));
    return run(batch);
  }, 3);
  const open = async (): Promise<void> => {
    gates.shift()!();
    await new Promise(setImmediate);
  };
  return { batched, batches, open };
}

describe('calls that come while a batch is under way', () => {
  it('make the next one, of so many at most, each with its own result', async () => {
    const { batched, batches, open } = gated();
    const results = Promise.all([1, 2, 3, 4, 5].map((n) => batched.do(n)));
    expect(batches).toEqual([[1]]);
    await open();
    expect(batches).toEqual([[1], [2, 3, 4]]);
    await open();
    await open();
    expect(batches).toEqual([[1], [2, 3, 4], [5]]);
    expect(await results).toEqual([10, 20, 30, 40, 50]);
  });

  it('do not suffer for one that is at fault', async () => {
    const { batched, open, batches } = gated((batch) => {
      if (batch.includes(3)) throw new Error('wrong');
      return batch;
    });
    const results = Promise.allSettled([1, 2, 3, 4].map((n) => batched.do(n)));
    for (let i = 0; i < 5; i++) await open();
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(batches).toEqual([[1], [2, 3, 4], [2], [3], [4]]);
  });

  it('all fail at once where what they ask is away', async () => {
    const { batched, open, batches } = gated(() => {
      throw new DomainError('unavailable', 'away', 'it is away');
    });
    const results = Promise.allSettled([1, 2, 3].map((n) => batched.do(n)));
    await open();
    await open();
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(batches).toHaveLength(2);
  });
});
