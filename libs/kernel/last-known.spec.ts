import { LastKnown } from './last-known';

const never = (): Promise<string> => new Promise(() => undefined);
const failing = (): Promise<string> => Promise.reject(new Error('away'));

test('what was read last is given while it cannot be read', async () => {
  const known = new LastKnown<string>(50);
  await expect(known.get('a', failing)).rejects.toThrow('away');
  expect(await known.get('a', () => Promise.resolve('one'))).toEqual({ value: 'one', isOld: false });
  expect(await known.get('a', failing)).toEqual({ value: 'one', isOld: true });
  expect(await known.get('a', never)).toEqual({ value: 'one', isOld: true });
  expect(await known.get('a', () => Promise.resolve('two'))).toEqual({ value: 'two', isOld: false });
  await expect(known.get('b', never)).rejects.toMatchObject({ code: 'too_slow' });
});

test('of more than are kept the oldest go', async () => {
  const known = new LastKnown<string>(50, 2);
  for (const key of ['a', 'b', 'a', 'c']) await known.get(key, () => Promise.resolve(key));
  expect((await known.get('a', failing)).isOld).toBe(true);
  await expect(known.get('b', failing)).rejects.toThrow('away');
});
