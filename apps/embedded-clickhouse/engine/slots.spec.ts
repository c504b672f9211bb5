import { Slots } from './slots';

const forever = (): AbortSignal => new AbortController().signal;

describe('slots', () => {
  it('are given in the order of asking', async () => {
    const slots = new Slots(1);
    await slots.take(forever());
    const order: number[] = [];
    const waiting = [1, 2, 3].map((n) => slots.take(forever()).then(() => order.push(n)));
    slots.give();
    await waiting[0];
    expect(order).toEqual([1]);
    slots.give();
    slots.give();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
  });

  it('go past who has left the queue', async () => {
    const slots = new Slots(1);
    await slots.take(forever());
    const leaving = new AbortController();
    const left = slots.take(leaving.signal);
    const next = slots.take(forever());
    leaving.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    slots.give();
    await next;
    slots.give();
    await slots.take(forever());
  });

  it('turn away who comes when too many wait', async () => {
    const slots = new Slots(1);
    await slots.take(forever());
    const waiting = Array.from({ length: 1000 }, () => slots.take(forever()));
    await expect(slots.take(forever())).rejects.toMatchObject({ code: 202 });
    for (const each of waiting) {
      slots.give();
      await each;
    }
  });
});
