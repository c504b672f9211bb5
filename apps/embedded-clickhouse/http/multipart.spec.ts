import fc from 'fast-check';
import { readMultipart } from './multipart';

const body = (boundary: string, fields: [string, string][]): Buffer =>
  Buffer.from(
    [
      ...fields.map(
        ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
      ),
      `--${boundary}--\r\n`,
    ].join(''),
  );
const type = (boundary: string): string => `multipart/form-data; boundary=${boundary}`;

describe('a multipart body', () => {
  it('gives back its fields, whatever their values', () => {
    const fields = fc.array(
      fc.tuple(
        fc.stringMatching(/^[\w.-]{1,10}$/),
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\r\n', '--', '\r\n--', '\r\n\r\n')),
      ),
    );
    fc.assert(
      fc.property(fields, (given) => {
        const wellFormed = given.map(([name, value]): [string, string] => [name, value.toWellFormed()]);
        expect(readMultipart(body('----a-b', wellFormed), type('----a-b'))).toEqual(wellFormed);
        expect(readMultipart(body('----a-b', wellFormed), 'multipart/form-data; boundary="----a-b"')).toEqual(
          wellFormed,
        );
      }),
    );
  });

  it('that is cut off or no form is refused', () => {
    const whole = body('x', [['query', 'SELECT 1']]);
    for (let length = 0; length < whole.length - 4; length++) {
      expect(() => readMultipart(whole.subarray(0, length), type('x'))).toThrow(/malformed/);
    }
    expect(() => readMultipart(whole, 'multipart/form-data')).toThrow(/malformed/);
    expect(() => readMultipart(Buffer.from('--x\r\nContent-Type: text/plain\r\n\r\n1\r\n--x--'), type('x'))).toThrow(
      /malformed/,
    );
  });

  it('with a file in it is refused', () => {
    const file = Buffer.from('--x\r\nContent-Disposition: form-data; name="t"; filename="t.csv"\r\n\r\n1\r\n--x--\r\n');
    expect(() => readMultipart(file, type('x'))).toThrow(/NOT_IMPLEMENTED/);
  });
});
