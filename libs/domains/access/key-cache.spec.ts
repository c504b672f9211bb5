import { DomainError } from '@holdfast/kernel';
import type { StoredKey } from './access.store';
import { BELIEVED_MS, BELIEVED_WITHOUT_STORE_MS, KeyCache } from './key-cache';

const key = (revoked = false): StoredKey => ({
  id: 'a',
  secretHash: '',
  expiresAt: undefined,
  revoked,
  principal: { id: 'p', kind: 'machine', roles: ['viewer'] },
});
const down = (): Promise<never> => Promise.reject(new DomainError('unavailable', 'store_unavailable', 'down'));

describe('the cache of keys', () => {
  let now: number;
  let reads: number;
  let store: () => Promise<StoredKey | undefined>;
  let cache: KeyCache;
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  beforeEach(() => {
    now = 1_000;
    reads = 0;
    store = async () => key();
    cache = new KeyCache(
      () => {
        reads++;
        return store();
      },
      () => now,
    );
  });

  it('reads a key once for many requests, also at the same time', async () => {
    await Promise.all(Array.from({ length: 50 }, () => cache.get('a')));
    await cache.get('a');
    expect(reads).toBe(1);
  });

  it('does not believe a key for longer than the bound', async () => {
    await cache.get('a');
    store = async () => key(true);
    now += BELIEVED_MS;
    expect((await cache.get('a'))!.revoked).toBe(true);
  });

  it('reads a key in use again before the bound, without waiting for it', async () => {
    await cache.get('a');
    store = async () => key(true);
    now += BELIEVED_MS - 1;
    expect((await cache.get('a'))!.revoked).toBe(false);
    await settled();
    expect((await cache.get('a'))!.revoked).toBe(true);
  });

  it('counts the age of a key from when its look-up began', async () => {
    let answer: (found: StoredKey) => void = () => undefined;
    store = () => new Promise((resolve) => (answer = resolve));
    const first = cache.get('a');
    now += BELIEVED_MS;
    answer(key());
    await first;
    store = async () => key(true);
    expect((await cache.get('a'))!.revoked).toBe(true);
  });

  it('never believes that there is no key', async () => {
    store = async () => undefined;
    expect(await cache.get('a')).toBeUndefined();
    store = async () => key();
    expect(await cache.get('a')).toBeDefined();
  });

  it('forgets what this process changed, also what is being read', async () => {
    let answer: (found: StoredKey) => void = () => undefined;
    store = () => new Promise((resolve) => (answer = resolve));
    const before = cache.get('a');
    cache.forget(() => true);
    store = async () => key(true);
    answer(key());
    await before;
    expect((await cache.get('a'))!.revoked).toBe(true);
  });

  it('goes on for a bounded time with what it knows while the store is down', async () => {
    await cache.get('a');
    store = down;
    now += BELIEVED_MS;
    expect(await cache.get('a')).toBeDefined();
    now += BELIEVED_WITHOUT_STORE_MS;
    await expect(cache.get('a')).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(cache.get('never-seen')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('waits for a stalled store once, not with every request', async () => {
    await cache.get('a');
    store = () => new Promise(() => undefined);
    now += BELIEVED_MS - 1;
    await cache.get('a'); // begins to read it again
    now += 2_000;
    const startedAt = performance.now();
    for (let request = 0; request < 20; request++) expect(await cache.get('a')).toBeDefined();
    expect(performance.now() - startedAt).toBeLessThan(900);
  });
});
