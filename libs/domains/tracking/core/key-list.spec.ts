import { sharesOf } from './key-list';

const size = (data: object): number => JSON.stringify(data).length;
const shares = (data: Record<string, unknown>, path: string) => sharesOf(data, path, size(data));

it('takes an event apart by the keys that it lists', () => {
  expect(shares({ orders: ['A', 7, 'A'], total: 3 }, 'orders')).toEqual([
    { key: 'A', values: { orders: ['A', 'A'], total: 3 } },
    { key: '7', values: { orders: [7], total: 3 } },
  ]);
});

it('gives each key the elements that name it', () => {
  const lines = [
    { order: { no: 'A' }, amount: 1 },
    { order: { no: 'B' }, amount: 2 },
    { order: { no: 'A' }, amount: 3 },
  ];
  expect(shares({ body: { lines, note: 'n' }, id: 1 }, 'body.lines[].order.no')).toEqual([
    { key: 'A', values: { body: { lines: [lines[0], lines[2]], note: 'n' }, id: 1 } },
    { key: 'B', values: { body: { lines: [lines[1]], note: 'n' }, id: 1 } },
  ]);
});

test.each<[string, Record<string, unknown>, string]>([
  ['missing', {}, 'orders'],
  ['missing', { orders: null }, 'orders'],
  ['missing', { orders: [] }, 'orders'],
  ['not_a_list', { orders: 'A' }, 'orders'],
  ['not_keys', { orders: ['A', ''] }, 'orders'],
  ['not_keys', { orders: [1.5] }, 'orders'],
  ['not_keys', { orders: ['x'.repeat(301)] }, 'orders'],
  ['not_keys', { orders: ['A'] }, 'orders[].no'],
  ['not_keys', { orders: [{}] }, 'orders[].no'],
  ['too_many', { orders: Array.from({ length: 10_001 }, (_, i) => `${i}`) }, 'orders'],
  ['too_many', { orders: Array.from({ length: 9_000 }, (_, i) => `${i}`), note: 'x'.repeat(2_000) }, 'orders'],
])('%s: %j', (fault, data, path) => {
  expect(shares(data, path)).toBe(fault);
});
