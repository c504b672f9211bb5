import * as fc from 'fast-check';
import { newKey } from '../access.service';
import { formatKey, isExpired, parseKey } from './key';

describe('the text of a key', () => {
  it('is read as it was written, also with an underscore in the secret', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const secret = fc.string({ unit: fc.constantFrom(...letters.split(/(?:)/)), minLength: 43, maxLength: 43 });
    const id = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split(/(?:)/)), minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(id, secret, (id, secret) => {
        expect(parseKey(formatKey({ id, secret }))).toEqual({ id, secret });
      }),
    );
    const key = newKey();
    expect(parseKey(formatKey(key))).toEqual(key);
  });

  it('is nothing else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseKey(text)).toBeUndefined();
      }),
    );
    const text = formatKey(newKey());
    for (const other of [` ${text}`, `${text}\n`, text.toUpperCase(), text.slice(0, -1), `${text}A`])
      expect(parseKey(other)).toBeUndefined();
  });

  it('expires at its time', () => {
    expect([isExpired(undefined, 5), isExpired(6, 5), isExpired(5, 5), isExpired(4, 5)]).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});
