import { BrokenBody, LONGEST_RECORD, splitJson, splitLines } from '@holdfast/domains/tracking/intake/split-records';
import * as fc from 'fast-check';

const json = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.constantFrom('{}', '[]', '"a]b,}"', '"\\"\\\\"', '-1.5e3', 'null', '{"a":"[{"}', '"\\u005d"', '"é😀\u2028"'),
);
/** Values that end by themselves: of a number one cannot know whether more digits were to come. */
const whole = json.filter((text) => /^[{["]/.test(text));
const space = fc.constantFrom('', '', ' ', '\n', '\r\n\t');
const cuts = fc.array(fc.nat(), { maxLength: 12 });

async function* chunks(body: Buffer, at: readonly number[]): AsyncGenerator<Buffer> {
  const places = [0, ...at.map((one) => one % (body.length + 1)), body.length].sort((a, b) => a - b);
  for (let i = 1; i < places.length; i++) yield body.subarray(places[i - 1], places[i]);
}

/** What comes out before the end, or before the break. */
async function read(pieces: ReturnType<typeof splitJson>): Promise<{ found: string[]; broken: boolean }> {
  const found: string[] = [];
  try {
    for await (const some of pieces)
      for (const { bytes, tooLong } of some) found.push(tooLong ? 'too long' : bytes.toString());
  } catch (error) {
    if (!(error instanceof BrokenBody)) throw error;
    return { found, broken: true };
  }
  return { found, broken: false };
}

describe('splitting a body', () => {
  it('an array gives its elements, however its bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(json, { maxLength: 6 }), space, cuts, async (elements, between, at) => {
        const body = Buffer.from(`${between}[${between}${elements.join(`${between},${between}`)}${between}]${between}`);
        expect(await read(splitJson(chunks(body, at)))).toEqual({ found: elements, broken: false });
      }),
      { numRuns: 1_000 },
    );
  });

  it('one value that is no array is one record', async () => {
    await fc.assert(
      fc.asyncProperty(json, space, cuts, async (value, around, at) => {
        fc.pre(!value.startsWith('['));
        expect(await read(splitJson(chunks(Buffer.from(around + value + around), at)))).toEqual({
          found: [value],
          broken: false,
        });
      }),
      { numRuns: 500 },
    );
  });

  it('an array that breaks gives what came before the break, however its bytes are cut', async () => {
    const wrong = fc.constantFrom(',,', ' , , ', '}', ':', '] 1', '][', ', ]', ' "a" ', ' {} ', ', :');
    await fc.assert(
      fc.asyncProperty(fc.array(json, { maxLength: 4 }), whole, wrong, cuts, async (some, last, junk, at) => {
        const elements = [...some, last];
        const body = Buffer.from(`[${elements.join()}${junk},{"never":"read"}]`);
        expect(await read(splitJson(chunks(body, at)))).toEqual({ found: elements, broken: true });
      }),
      { numRuns: 1_000 },
    );
  });

  it('an array that is cut off gives its whole elements, and is broken', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(whole, { minLength: 1, maxLength: 5 }), fc.nat(), cuts, async (elements, end, at) => {
        const body = Buffer.from(`[${elements.join()}]`);
        const cut = end % body.length;
        let [reached, complete] = [1, 0];
        for (const one of elements) {
          reached += Buffer.byteLength(one);
          if (reached > cut) break;
          complete++;
          reached++;
        }
        expect(await read(splitJson(chunks(body.subarray(0, cut), at)))).toEqual({
          found: elements.slice(0, complete),
          broken: true,
        });
      }),
      { numRuns: 1_000 },
    );
  });

  it('lines give themselves without the blank ones, however the bytes are cut', async () => {
    const line = fc.oneof(
      json.map((text) => text.replace(/[\r\n]/g, '')),
      fc.constantFrom('', ' ', '\t', '\r', 'no json', '{"a":', '[1', ' {} '),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.boolean(), cuts, async (lines, last, at) => {
        const body = Buffer.from(lines.join('\n') + (last ? '\n' : ''));
        const found = lines.filter((one) => /[^ \t\r]/.test(one)).map((one) => one.replace(/^[ \t\r]+/, ''));
        expect(await read(splitLines(chunks(body, at)))).toEqual({ found, broken: false });
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([splitLines, splitJson])(
    'keeps nothing of a record that is too long, and goes on behind it: %p',
    async (split) => {
      const long = `"${'x'.repeat(LONGEST_RECORD - 1)}"`;
      const fits = `"${'x'.repeat(LONGEST_RECORD - 2)}"`;
      const records = ['{"a":1}', long, '{"b":2}', fits];
      const body = Buffer.from(split === splitJson ? `[${records.join()}]` : records.join('\n'));
      const at = Array.from({ length: 60 }, (_, i) => i * 65_536);
      const { found } = await read(split(chunks(body, at)));
      expect(found).toEqual(['{"a":1}', 'too long', '{"b":2}', fits]);
    },
  );

  it('a few records among many blank lines do not keep the blanks in memory', async () => {
    const chunk = Buffer.from(`{"a":1}${'\n'.repeat(65_000)}`);
    const many = async function* (): AsyncGenerator<Buffer> {
      for (let i = 0; i < 20; i++) yield Buffer.from(chunk);
    };
    let held = 0;
    for await (const pieces of splitLines(many())) for (const { bytes } of pieces) held += bytes.buffer.byteLength;
    expect(held).toBeLessThan(20 * 10_000);
  });

  it('random bytes end: with records, or broken', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), cuts, async (bytes, at) => {
        const body = Buffer.from(bytes);
        const [cut, one] = [await read(splitJson(chunks(body, at))), await read(splitJson(chunks(body, [])))];
        expect(cut).toEqual(one);
        expect(await read(splitLines(chunks(body, at)))).toEqual(await read(splitLines(chunks(body, []))));
      }),
      { numRuns: 500 },
    );
  });
});
