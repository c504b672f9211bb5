import * as fc from 'fast-check';
import { MAX_DEPTH, parseStrictJson } from './strict-json';

const parse = (text: string): unknown => parseStrictJson(Buffer.from(text));
const codeOf = (text: string | Buffer): string => {
  try {
    parseStrictJson(Buffer.from(text as string));
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('strict JSON', () => {
  it('reads what JSON.parse reads', () => {
    const harmless = fc
      .json({ maxDepth: 8, noUnicodeString: false })
      .filter((text) => !/__proto__|prototype/.test(text));
    fc.assert(
      fc.property(harmless, (text) => {
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses what JSON.parse refuses, and only in its own words', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]":,\\ 0eE-tru'.split(/(?:)/)) }), (text) => {
        let readable = true;
        try {
          JSON.parse(text);
        } catch {
          readable = false;
        }
        if (!readable) expect(codeOf(text)).toBe('malformed_json');
      }),
    );
  });

  it('refuses a member that is named twice, however it is written and wherever it is', () => {
    for (const text of [
      '{"a":1,"a":1}',
      '{"a":1,"\\u0061":2}',
      '[{"x":{"a":[1,{"b":1,"c":"b","b":2}]}}]',
      '{"a":{},"b":[],"a":0}',
    ])
      expect([text, codeOf(text)]).toEqual([text, 'duplicate_member']);
    for (const text of ['[{"a":1},{"a":1}]', '{"a":{"a":"a"}}', '{"a":"a","b":["a","a"]}', '{"\\"":1,"\\\\":2}'])
      expect([text, codeOf(text)]).toEqual([text, 'none']);
  });

  it('refuses ways to a prototype', () => {
    for (const text of ['{"__proto__":1}', '{"a":[{"\\u005f_proto__":1}]}', '{"constructor":{"prototype":{}}}'])
      expect([text, codeOf(text)]).toEqual([text, 'forbidden_member']);
    for (const text of ['{"constructor":"ACME"}', '{"prototype":1}', '["__proto__"]', '{"a":"__proto__"}'])
      expect([text, codeOf(text)]).toEqual([text, 'none']);
  });

  it('limits nesting', () => {
    const nested = (levels: number): string => `${'[{"a":'.repeat(levels / 2)}0${'}]'.repeat(levels / 2)}`;
    expect(codeOf(nested(MAX_DEPTH))).toBe('none');
    expect(codeOf(nested(MAX_DEPTH + 2))).toBe('nested_too_deeply');
    expect(codeOf('['.repeat(500_000) + ']'.repeat(500_000))).toBe('nested_too_deeply');
  });

  it('refuses what is not UTF-8', () => {
    for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]])
      expect(codeOf(Buffer.from([0x22, ...bytes, 0x22]))).toBe('invalid_utf8');
  });
});
