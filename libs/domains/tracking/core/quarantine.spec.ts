import { boundedPage, positionOf, type QueuedItem } from './quarantine';

const item = (n: number, size: number): QueuedItem => ({
  ...{ item: `i${n}`, identity: '', payloadHash: '', attempt: 1, source: '', process: '', form: 'event' },
  ...{ type: '', key: '', owner: '', assignee: '', state: 'open', code: '', field: '', correlationId: '', became: '' },
  ...{ receivedAt: n, version: 0, size },
});
const queue = (...sizes: number[]): QueuedItem[] => sizes.map((size, n) => item(n, size));

describe('a page of the queue', () => {
  it('is all that was found, when that is little', () => {
    expect(boundedPage([], { items: 2, bytes: 10 })).toEqual({ items: [], next: null });
    const found = queue(5, 5);
    expect(boundedPage(found, { items: 2, bytes: 10 })).toEqual({ items: found, next: null });
  });

  it('ends where it has as many items, or bytes, as it may', () => {
    const many = queue(1, 1, 1);
    expect(boundedPage(many, { items: 2, bytes: 10 })).toEqual({ items: many.slice(0, 2), next: positionOf(many[1]!) });
    const large = queue(6, 4, 1);
    expect(boundedPage(large, { items: 9, bytes: 10 })).toEqual({
      items: large.slice(0, 2),
      next: { afterAt: 1, after: 'i1' },
    });
  });

  it('has one item at least', () => {
    const [first, second] = queue(11, 11);
    expect(boundedPage([first!, second!], { items: 2, bytes: 10 }).items).toEqual([first]);
    expect(boundedPage([first!], { items: 2, bytes: 10 })).toEqual({ items: [first], next: null });
  });
});
