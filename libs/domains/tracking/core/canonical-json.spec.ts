import { canonicalText, NotCanonicalError, readDigest } from './canonical-json';

/** A double by its bits, as RFC 8785 lists them. */
const double = (bits: string): number => Buffer.from(bits, 'hex').readDoubleBE();
const canonical = (text: string): string => canonicalText(JSON.parse(text));

describe('the canonical form of JSON', () => {
  // RFC 8785, appendix B.
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the number %s as %s', (bits, text) => {
    expect(canonicalText(double(bits))).toBe(text);
  });

  it.each(['7fffffffffffffff', '7ff0000000000000', 'fff0000000000000'])('has none for %s', (bits) => {
    expect(() => canonicalText(double(bits))).toThrow(NotCanonicalError);
  });

  it('has none for a number in a text that no double holds, and none for half a surrogate pair', () => {
    for (const text of ['[1e400]', '["\\ud800"]', '{"\\udc00x":1}'])
      expect(() => canonical(text)).toThrow(NotCanonicalError);
  });

  it('is that of section 3.2.2, to the byte of section 3.2.4', () => {
    const text = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    const bytes = `7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b33302c342e
      352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d`;
    expect(Buffer.from(canonical(text)).toString('hex')).toBe(bytes.replaceAll(/\s/g, ''));
  });

  it('has members by the code units of their names, as in section 3.2.3', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const text = canonicalText(Object.fromEntries(names.map((name) => [name, 0])));
    expect(text).toBe('{"\\r":0,"1":0,"\u0080":0,"\u00f6":0,"\u20ac":0,"\ud83d\ude00":0,"\ufb33":0}');
    expect(canonical('{"10":1,"9":2,"__proto__":{"b":1,"a":2}}')).toBe('{"10":1,"9":2,"__proto__":{"a":2,"b":1}}');
  });
});

describe('a digest', () => {
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, n) => n * 7));

  it('is read from hexadecimal digits and from base 64, also in its URL form', () => {
    for (const said of [
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      bytes.toString('base64'),
      bytes.toString('base64url'),
    ])
      expect(readDigest(`sha-256:${said}`)).toBe(bytes.toString('hex'));
  });

  it.each(['', 'sha-256:', 'sha-256:abc', `sha-1:${'0'.repeat(64)}`, '0'.repeat(64), `sha-256:${'0'.repeat(65)}`])(
    'is not read from %j',
    (said) => expect(readDigest(said)).toBeUndefined(),
  );
});
