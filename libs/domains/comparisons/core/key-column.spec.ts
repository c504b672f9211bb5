import { couldHold, planKeyColumn } from './key-column';
import type { LogicalType, TableColumn } from './logical-type';

const column = (name: string, type: LogicalType, native: string = type.kind): TableColumn => ({
  ...{ name, type, native, nullable: true },
});
const COLUMNS = [
  column('text', { kind: 'text' }),
  column('number', { kind: 'integer' }, 'bigint'),
  column('padded', { kind: 'integer' }, 'int(5) unsigned zerofill'),
  column('bits', { kind: 'integer' }, 'bit(8)'),
  column('whole', { kind: 'decimal', scale: 0 }),
  column('amount', { kind: 'decimal', scale: 2 }),
  column('numeric', { kind: 'decimal' }),
  column('double', { kind: 'float' }),
  column('uuid', { kind: 'uuid' }),
  column('csv', { kind: 'untyped' }),
  column('at', { kind: 'timestamp' }),
  column('day', { kind: 'date' }),
  column('bytes', { kind: 'bytes' }),
  column('truth', { kind: 'boolean' }),
];

test.each(['text', 'number', 'whole', 'csv'])('%s is read in the order of its text', (key) => {
  expect(planKeyColumn('it', { key }, COLUMNS).inOrder.as).toEqual({ kind: 'text' });
});

test('numbers and UUIDs are looked up as what they are', () => {
  for (const [key, kind] of [
    ['number', 'integer'],
    ['whole', 'decimal'],
    ['uuid', 'uuid'],
    ['csv', 'text'],
  ] as const)
    expect(planKeyColumn('it', { key }, COLUMNS).lookedUp.as).toMatchObject({ kind });
});

test.each(['padded', 'bits', 'amount', 'numeric', 'double', 'at', 'day', 'bytes', 'truth'])('%s is no key', (key) => {
  expect(() => planKeyColumn('it', { key }, COLUMNS)).toThrow(
    `it: key must hold texts, whole numbers or UUIDs; ${key}`,
  );
});

test('a time is a timestamp, or a text of a file', () => {
  for (const since of ['at', 'csv'])
    expect(planKeyColumn('it', { key: 'text', since }, COLUMNS).since).toMatchObject({ as: { kind: 'timestamp' } });
  for (const since of ['day', 'number', 'text'])
    expect(() => planKeyColumn('it', { key: 'text', since }, COLUMNS)).toThrow('since must hold timestamps');
});

test('all that is missing is named', () => {
  expect(() => planKeyColumn('it', { key: 'a', since: 'b' }, COLUMNS)).toThrow(
    'it: key there is no column a; since there is no column b',
  );
});

test.each([
  ['number', ['0', '-1', '12345678901234567890'], ['', '007', '+1', '-0', '1.0', '1e3', ' 1', 'x', '1'.repeat(77)]],
  ['uuid', ['0af7651c-d3f4-4d55-a2a5-0af7651cd3f4'], ['0AF7651C-D3F4-4D55-A2A5-0AF7651CD3F4', 'x', '']],
  ['text', ['', "'", 'x'], []],
])('%s could hold some keys, and others never', (key, some, others) => {
  const { lookedUp } = planKeyColumn('it', { key }, COLUMNS);
  for (const one of some) expect([one, couldHold(lookedUp, one)]).toEqual([one, true]);
  for (const one of others) expect([one, couldHold(lookedUp, one)]).toEqual([one, false]);
});
