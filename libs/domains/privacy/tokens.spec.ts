import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { hmacSha256 } from './hmac';
import { plainHash, tokenMaker } from './tokens';

const hex = (digest: Int32Array): string =>
  Array.from(digest, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');

describe('HMAC-SHA-256', () => {
  /** RFC 4231, test cases 1 to 4, 6 and 7 (5 is of a shortened digest). Texts that are no UTF-8 come as bytes there, and cannot be given here. */
  const cases = [
    [Buffer.alloc(20, 0x0b), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      Buffer.from('Jefe'),
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      Buffer.alloc(131, 0xaa),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
    [
      Buffer.alloc(131, 0xaa),
      'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
      '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
    ],
  ] as const;

  it.each(cases)('of RFC 4231, case %#', (key, text, digest) => {
    expect(hex(hmacSha256(key)(text))).toBe(digest);
  });

  it('is that of node for every key and text, one after the other', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.array(fc.string({ unit: 'binary', maxLength: 3_000 }), { maxLength: 5 }),
        (key, texts) => {
          const sign = hmacSha256(Buffer.from(key));
          for (const text of texts) expect(hex(sign(text))).toBe(createHmac('sha256', key).update(text).digest('hex'));
        },
      ),
    );
  });
});

describe('a token', () => {
  it('is the class and the first 128 bits in base 32', () => {
    const key = Buffer.alloc(32, 1);
    const digest = createHmac('sha256', key).update('email\0jane@example.com').digest();
    const bits = [...digest.subarray(0, 16)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    const text = bits
      .match(/.{1,5}/g)!
      .map((five) => 'abcdefghijklmnopqrstuvwxyz234567'[parseInt(five.padEnd(5, '0'), 2)]);
    expect(tokenMaker(key)('email', 'jane@example.com')).toBe(`tok_email_${text.join('')}`);
  });

  it('without a key is the plain hash (FIPS 180-4, "abc")', () => {
    expect(plainHash('abc')).toBe('sha256_ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
