import * as fc from 'fast-check';
import { redact } from './redact';

describe('a record of which nothing is known', () => {
  it('shows structure and shapes', () => {
    const of = { id: 'A-1', 'Jane Doe': 'Jane Doe, born 1980', list: [true, null, -12.5, 'jane@x.example'] };
    const shown = { id: 'X-9', 'member 2': 'Xxxx Xxx, xxxx 9999', list: [true, null, '-99.9', 'xxxx@x.xxxxxxx'] };
    expect(redact(of)).toEqual(shown);
    expect(redact(Buffer.from(JSON.stringify(of)))).toEqual(shown);
  });

  it('that is no JSON shows punctuation, and the names that Holdfast gave', () => {
    expect(redact(Buffer.from('{"id": "A-1", "source": "shop", "jane": true, "data": {"x": Jane 4711'))).toBe(
      '{"id": "X-9", "source": "xxxx", "xxxx": true, "data": {"x": Xxxx 9999',
    );
    expect(redact(Buffer.from([0xff, 0x41, 0x31]))).toBe('?X9');
  });

  it('shows no letter and no digit of any text, and ends', () => {
    const secret = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => /[\p{L}\p{N}]/u.test(text.replace(/[xX9]/g, '')));
    fc.assert(
      fc.property(secret, fc.constantFrom('[%]', '{"a":%}', '%', '{"id":"a"%', '{"%":1}'), (text, frame) => {
        const shown = JSON.stringify(redact(Buffer.from(frame.replace('%', () => JSON.stringify(text)))));
        const left = shown.replace(/"(?:a|id)"|member \d+/g, '').replace(/\\"(?:a|id)\\"/g, '');
        if (!/^[a-z][A-Za-z_]*\d{0,2}$/.test(text) || !frame.includes('"%"'))
          expect(left).not.toMatch(/[a-wyzA-WYZ0-8]/);
      }),
    );
    let deep: unknown = 'Jane';
    for (let i = 0; i < 500; i++) deep = [deep];
    expect(JSON.stringify(redact(deep))).not.toContain('Jane');
    expect(JSON.stringify(redact(Array.from({ length: 5_000 }, () => 'Jane'))).length).toBeLessThan(10_000);
  });
});
