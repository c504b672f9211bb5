import { DomainError, invalid } from '@holdfast/kernel';
import type { Destination } from './alert';
import { deliver, PATIENCE_MS } from './fallback';

const [chat, mail, desk] = ['chat', 'mail', 'desk'].map((channel) => ({ kind: 'channel', channel }) as const);
const passing = (code: string, retryAfterSeconds?: number): DomainError =>
  new DomainError('unavailable', code, 'not now', { ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
const refused = invalid('channel_refused', 'no');

/** Sends by what is said of each channel: an error, or a reference. */
const sending = (fates: Readonly<Record<string, DomainError | string>>) => {
  const tried: string[] = [];
  const send = (to: Destination): Promise<{ ref: string }> => {
    const name = to.kind === 'channel' ? to.channel : to.routingKey;
    tried.push(name);
    const fate = fates[name]!;
    return typeof fate === 'string' ? Promise.resolve({ ref: fate }) : Promise.reject(fate);
  };
  return { tried, send };
};

describe('a page with several ways', () => {
  it('takes the first that works', async () => {
    const { tried, send } = sending({ chat: 'c-1', mail: 'm-1' });
    expect(await deliver([chat!, mail!], 0, send)).toEqual({ used: 0, ref: 'c-1', failed: [] });
    expect(tried).toEqual(['chat']);
  });

  it.each([
    ['refuses for good', refused],
    ['has its circuit open', passing('channel_open', 20)],
    ['asks for a long pause', passing('channel_rate_limited', 30)],
  ])('is tried on the next one at once when one %s', async (_, fate) => {
    const { send } = sending({ chat: fate, mail: 'm-1' });
    expect(await deliver([chat!, mail!], 0, send)).toEqual({ used: 1, ref: 'm-1', failed: [fate.code] });
  });

  it('waits a little for one that fails, and no longer', async () => {
    const { tried, send } = sending({ chat: passing('channel_failing'), mail: 'm-1' });
    await expect(deliver([chat!, mail!], PATIENCE_MS - 1, send)).rejects.toMatchObject({
      code: 'channel_failing',
      details: { retryAfterSeconds: 2 },
    });
    expect(tried).toEqual(['chat']);
    expect(await deliver([chat!, mail!], PATIENCE_MS, send)).toMatchObject({ used: 1, failed: ['channel_failing'] });
  });

  it('is tried again while one of them may come back, and given up when none will', async () => {
    const both = sending({ chat: refused, mail: passing('channel_failing') });
    await expect(deliver([chat!, mail!], PATIENCE_MS, both.send)).rejects.toMatchObject({ kind: 'unavailable' });
    const none = sending({ chat: refused, mail: refused, desk: refused });
    await expect(deliver([chat!, mail!, desk!], 0, none.send)).rejects.toMatchObject({ kind: 'invalid' });
    expect(none.tried).toEqual(['chat', 'mail', 'desk']);
  });
});
