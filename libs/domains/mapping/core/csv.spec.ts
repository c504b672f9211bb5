import { PLACE, readAll, type MappingInput } from '../../../../test/property/mapping/read-all';

const mapping = (
  format: object = {},
  data: MappingInput['data'] = { amount: { path: 'total', as: ['decimal_comma', 'number'] } },
): MappingInput => ({
  format: { kind: 'csv', delimiter: ';', ...format },
  event: {
    ...PLACE,
    id: { path: 'no' },
    key: { path: 'no', as: ['strip_leading_zeros'] },
    type: { value: 'order.placed' },
    occurredAt: { path: 'date', as: [{ date: 'DD.MM.YYYY HH:mm' }] },
    timeZone: { value: 'Europe/Berlin' },
  },
  data,
});
const ROW = '0017;20.11.2026 09:30;1.234,50';

describe('CSV', () => {
  it('rows become events; numbers keep their digits', () => {
    const { texts, events } = readAll(mapping(), `no;date;total\r\n${ROW}\r\n18;20.11.2026 09:31;12345678901234567,89`);
    expect(events[0]).toEqual({
      id: '0017',
      source: 'partner',
      process: 'orders',
      stage: 'shop',
      key: '17',
      type: 'order.placed',
      occurredAt: '2026-11-20T09:30:00',
      timeZone: 'Europe/Berlin',
      data: { amount: 1234.5 },
    });
    expect(texts[0]).toContain('"amount":1234.50');
    expect(texts[1]).toContain('"amount":12345678901234567.89');
  });

  it('quotes hold delimiters, line ends and quotes', () => {
    const body = 'no;date;total;note\n1;20.11.2026 09:30;1;"a;b\r\n""c"""\n"2";"20.11.2026 09:30";"2";""\n';
    const { events } = readAll(mapping({}, { note: { path: 'note' } }), body);
    expect(events.map(({ data }) => data)).toEqual([{ note: 'a;b\r\n"c"' }, {}]);
  });

  it('a ragged row, or one with something behind a quote, is rejected; the file goes on', () => {
    const body = `no;date;total\n${ROW}\n1;2\n${ROW};4\n"1"x;20.11.2026 09:30;1\n\n${ROW}`;
    expect(readAll(mapping(), body).order).toEqual(['event', 'ragged_row', 'ragged_row', 'malformed_row', 'event']);
  });

  it('a value that cannot be converted is rejected by its place in the mapping', () => {
    const { rejections } = readAll(mapping(), 'no;date;total\n1;31.02.2026 09:30;1\n1;20.11.2026 09:30;1,2,3');
    expect(rejections).toMatchObject([
      { code: 'conversion_failed', field: 'occurredAt' },
      { code: 'conversion_failed', field: 'data.amount' },
    ]);
    expect(JSON.stringify(rejections)).not.toContain('31.02');
  });

  it('a quote that never closes ends the body within the bound of a record', () => {
    const rest = Buffer.alloc(2_000_000, `${ROW}\n`);
    const body = Buffer.concat([Buffer.from(`no;date;total\n${ROW}\n1;"20`), rest]);
    const cuts = Array.from({ length: 30 }, (_, i) => i * 65_536);
    expect(readAll(mapping(), body, cuts)).toMatchObject({ order: ['event'], broken: { code: 'quote_not_closed' } });
    expect(readAll(mapping(), `no;date;total\n${ROW}\n"1`)).toMatchObject({
      order: ['event'],
      broken: { code: 'quote_not_closed' },
    });
  });

  it('a row of more than 1 MiB is rejected, and the file goes on', () => {
    const body = `no;date;total\n${'x'.repeat(1_100_000)};y;z\n${ROW}`;
    expect(readAll(mapping(), body, [70_000, 900_000]).order).toEqual(['line_too_long', 'event']);
  });

  it('columns may be named by the mapping; bytes are read in their encoding; a byte order mark is none of the text', () => {
    const named = { columns: ['no', 'date', 'total'], encoding: 'windows-1252' } as const;
    const bytes = Buffer.from(`\x80\xfc;20.11.2026 09:30;1`, 'latin1');
    const { events } = readAll(mapping(named), bytes);
    expect(events).toMatchObject([{ id: '€ü' }]);
    expect(readAll(mapping(), Buffer.concat([Buffer.from(`no;date;total\n`), bytes])).order).toEqual(['invalid_utf8']);
    expect(readAll(mapping(), `\ufeffno;date;total\n${ROW}`).events).toMatchObject([{ id: '0017' }]);
  });

  it('a header that names a column twice tells nothing of any row', () => {
    expect(readAll(mapping(), `no;no;total\n${ROW}`)).toMatchObject({ order: [], broken: { code: 'malformed_row' } });
  });
});
