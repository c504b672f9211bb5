import { type Conversion, convert } from './conversions';
import { jsonText, NumberText, parseJson } from './json-value';

const all = (text: string, ...as: Conversion[]): string | undefined => {
  let value = parseJson(JSON.stringify(text));
  if (typeof value === 'string') throw new Error(value);
  for (const one of as) {
    const next = convert(value.value, one);
    if (next === undefined) return undefined;
    value = { value: next };
  }
  return jsonText(value.value);
};

describe('conversions', () => {
  it.each<[string, Conversion[], string | undefined]>([
    [' a ', ['trim', 'upper'], '"A"'],
    ['000', ['strip_leading_zeros'], '"0"'],
    ['0012.50', ['number'], '12.50'],
    ['.5', ['number'], '0.5'],
    ['5.', ['number'], '5'],
    ['+7', ['number'], '7'],
    ['12.50-', ['number'], '-12.50'],
    ['1E+3', ['number'], '1e+3'],
    ['123456789012345678.90', ['number'], '123456789012345678.90'],
    ['', ['number'], undefined],
    ['.', ['number'], undefined],
    ['1,2', ['number'], undefined],
    ['-1-', ['number'], undefined],
    ['0x10', ['number'], undefined],
    ['1.234.567,89', ['decimal_comma', 'number'], '1234567.89'],
    ['1.23,4', ['decimal_comma'], undefined],
    ['Y', ['boolean'], 'true'],
    ['maybe', ['boolean'], undefined],
    ['20261120', [{ date: 'YYYYMMDD' }], '"2026-11-20"'],
    ['261120', [{ date: 'YYMMDD' }], '"2026-11-20"'],
    ['202611200930', [{ date: 'YYYYMMDDHHmm' }], '"2026-11-20T09:30:00"'],
    ['20.11.2026 09:30:15.123', [{ date: 'DD.MM.YYYY HH:mm:ss.SSS' }], '"2026-11-20T09:30:15.123"'],
    ['0930', [{ date: 'HHmm' }], '"09:30:00"'],
    ['20280229', [{ date: 'YYYYMMDD' }], '"2028-02-29"'],
    ['20260229', [{ date: 'YYYYMMDD' }], undefined],
    ['20261320', [{ date: 'YYYYMMDD' }], undefined],
    ['2460', [{ date: 'HHmm' }], undefined],
    ['2026112', [{ date: 'YYYYMMDD' }], undefined],
    ['202611200', [{ date: 'YYYYMMDD' }], undefined],
  ])('%j by %j', (text, as, result) => {
    expect(all(text, ...as)).toBe(result);
  });

  it('objects, lists and null are converted by nothing', () => {
    for (const value of [null, [], {}]) expect(convert(value, 'trim')).toBeUndefined();
    expect(convert(new NumberText('007'), 'strip_leading_zeros')).toBe('7');
  });
});

describe('JSON without loss', () => {
  it.each([
    '{"a":[1.50,1e400,-0,12345678901234567890,"\\u0041\\"",{}],"__proto__":{"x":null}}',
    '[]',
    '"\\\\"',
    ' true ',
    '0.10',
  ])('%s', (text) => {
    const read = parseJson(text);
    if (typeof read === 'string') throw new Error(read);
    expect(jsonText(read.value)).toBe(text.trim().replace('\\u0041', 'A'));
  });
  it.each([
    ['', 'malformed_json'],
    ['{"a":1,}', 'malformed_json'],
    ['01', 'malformed_json'],
    ['"a', 'malformed_json'],
    ['"\n"', 'malformed_json'],
    ['1 2', 'malformed_json'],
    ['{"a":1,"a":2}', 'duplicate_field'],
    ['['.repeat(65) + ']'.repeat(65), 'too_deep'],
  ])('%s', (text, why) => {
    expect(parseJson(text)).toBe(why);
  });
});
