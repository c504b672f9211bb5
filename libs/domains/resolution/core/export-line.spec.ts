import { COLUMNS, lineOf } from './export-line';

const RECORD = { record: 'discrepancy', key: 'a,"b"\nc', found: '{"x":1}', revision: 3 } as const;

describe('a line of an export', () => {
  it('is JSON', () => {
    expect(lineOf(RECORD, 'ndjson')).toBe(`${JSON.stringify(RECORD)}\n`);
  });
  it('is CSV, in the order of the columns, with quotes where a cell needs them', () => {
    const line = lineOf(RECORD, 'csv');
    expect(line).toContain('"a,""b""\nc"');
    expect(line).toContain('"{""x"":1}"');
    expect(line.startsWith('discrepancy,,3,')).toBe(true);
    expect(line.endsWith('\r\n')).toBe(true);
    expect(lineOf({ record: 'end', lines: 1 }, 'csv').split(',')).toHaveLength(COLUMNS.length);
  });
});
