import { Recent } from './recent';

const GOOD_FOR_MS = 1_000;

/** A store whose readings end when the test says so. */
function slowStore() {
  let now = 0;
  const readings: { readonly end: (value: string) => void; readonly fail: (error: Error) => void }[] = [];
  const recent = new Recent(
    () => new Promise<string>((resolve, reject) => readings.push({ end: resolve, fail: reject })),
    GOOD_FOR_MS,
    () => now,
  );
  /** What was read a moment ago is `value`. */
  const isKnown = async (value: string): Promise<void> => {
    const asked = recent.get();
    readings[0]!.end(value);
    await asked;
  };
  return { recent, readings, isKnown, pass: (ms: number) => (now += ms) };
}

describe('what is recent', () => {
  it('is read once, however many ask meanwhile', async () => {
    const { recent, readings } = slowStore();
    const asked = [recent.get(), recent.get(), recent.get()];
    readings[0]!.end('one');
    expect(await Promise.all(asked)).toEqual(['one', 'one', 'one']);
    expect(await recent.get()).toBe('one');
    expect(readings).toHaveLength(1);
  });

  it('is read again before it is too old, and nobody waits for that', async () => {
    const { recent, readings, isKnown, pass } = slowStore();
    await isKnown('one');
    pass(GOOD_FOR_MS / 2);
    expect([await recent.get(), await recent.get()]).toEqual(['one', 'one']);
    expect(readings).toHaveLength(2);
    readings[1]!.end('two');
    await new Promise(setImmediate);
    pass(GOOD_FOR_MS / 2);
    expect(await recent.get()).toBe('two');
  });

  it('is as old as the beginning of its reading', async () => {
    const { recent, readings, pass } = slowStore();
    const first = recent.get();
    pass(GOOD_FOR_MS);
    readings[0]!.end('one');
    expect(await first).toBe('one');
    const second = recent.get();
    readings[1]!.end('two');
    expect(await second).toBe('two');
  });

  it('is not waited for where its reading began too long ago', async () => {
    const { recent, readings, pass } = slowStore();
    const early = recent.get();
    pass(GOOD_FOR_MS - 1);
    const soon = recent.get();
    pass(1);
    const late = recent.get();
    readings[0]!.end('before');
    expect([await early, await soon]).toEqual(['before', 'before']);
    await new Promise(setImmediate);
    readings[1]!.end('after');
    expect(await late).toBe('after');
  });

  it('is not given out when it is too old and cannot be read', async () => {
    const { recent, readings, isKnown, pass } = slowStore();
    await isKnown('one');
    pass(GOOD_FOR_MS / 2);
    expect(await recent.get()).toBe('one');
    readings[1]!.fail(new Error('gone'));
    await new Promise(setImmediate);
    pass(GOOD_FOR_MS / 2);
    const late = recent.get();
    readings[2]!.fail(new Error('still gone'));
    await expect(late).rejects.toThrow('still gone');
  });

  it('is read after the call where it must be fresh, by one reading for all who wait', async () => {
    const { recent, readings } = slowStore();
    const early = recent.get();
    const fresh = [recent.fresh(), recent.fresh()];
    readings[0]!.end('before');
    expect(await early).toBe('before');
    await new Promise(setImmediate);
    expect(readings).toHaveLength(2);
    readings[1]!.end('after');
    expect(await Promise.all(fresh)).toEqual(['after', 'after']);
  });

  it('is forgotten with a reading that is under way', async () => {
    const { recent, readings } = slowStore();
    const early = recent.get();
    recent.forget();
    const late = recent.get();
    readings[1]!.end('after');
    readings[0]!.end('before');
    expect([await early, await late]).toEqual(['before', 'after']);
    expect(await recent.get()).toBe('after');
  });
});
