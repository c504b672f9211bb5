import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import type { Account } from '../../apps/cli/account';
import { addAccounts, addsUp } from '../../apps/cli/account';
import { countsOf, event, intakeSuite, NONE } from './stack';

jest.setTimeout(120_000);

const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    '',
    '\u0000',
    "'",
    '\\',
    '9999-12-31T23:59:59Z',
    '2026-11-20T09:00:00Z',
    -1,
    1e308,
    65_536,
    'shop',
    'orders',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const FIELDS = Object.keys(event());
/** A record that is right, or right but for some of its fields; few events, so that they meet. */
const record = fc
  .record({
    id: fc.integer({ min: 1, max: 12 }),
    amount: fc.constantFrom(1, 1, 1, 2),
    changes: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      {
        weight: 2,
        arbitrary: fc.array(
          fc.tuple(
            fc.constantFrom(...FIELDS, 'attempt', 'status', 'test', 'sequence', 'correlationId', '__proto__'),
            odd,
          ),
          { minLength: 1, maxLength: 2 },
        ),
      },
    ),
  })
  .map(({ id, amount, changes }) => ({
    ...event({ id: String(id), key: `K${id}`, data: { amount } }),
    ...Object.fromEntries(changes),
  }));
/** Bytes turned over, cut out or doubled. */
const damage = fc.array(
  fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('flip', 'cut', 'double', 'insert'),
    byte: fc.nat(255),
    length: fc.integer({ min: 1, max: 8 }),
  }),
  { maxLength: 3 },
);
function damaged(body: Buffer, by: { at: number; kind: string; byte: number; length: number }[]): Buffer {
  let bytes = body;
  for (const { at, kind, byte, length } of by) {
    const from = bytes.length === 0 ? 0 : at % bytes.length;
    const [head, tail] = [bytes.subarray(0, from), bytes.subarray(from)];
    if (kind === 'cut') bytes = Buffer.concat([head, tail.subarray(length)]);
    else if (kind === 'double') bytes = Buffer.concat([head, tail.subarray(0, length), tail]);
    else if (kind === 'insert') bytes = Buffer.concat([head, Buffer.alloc(length, byte), tail]);
    else bytes = Buffer.concat([head, Buffer.of(byte), tail.subarray(1)]);
  }
  return bytes;
}

const body = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.array(record, { maxLength: 6 }), fc.boolean(), damage)
      .map(([all, lines, by]) =>
        damaged(Buffer.from(lines ? all.map((one) => JSON.stringify(one)).join('\n') : JSON.stringify(all)), by),
      ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.json().map((text) => Buffer.from(text)) },
);
const type = fc.constantFrom(
  'application/json',
  'application/x-ndjson',
  'application/x-ndjson',
  'application/json; charset=utf-8',
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
  'text/plain',
);
/** Headers of a CloudEvent in binary mode, more or less. */
const attributes = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc
      .dictionary(
        fc.constantFrom('id', 'source', 'type', 'time', 'process', 'stage', 'businesskey', 'attempt', 'data', 'x_y'),
        fc.oneof(
          fc.constantFrom('orders', 'shop', '2026-11-20T10:00:00Z', '%C3%BC', '%ff', '"a\\', '1'),
          fc.stringMatching(/^[!-~]{1,20}$/),
        ),
      )
      .map((all) => Object.fromEntries(Object.entries({ ...all, specversion: '1.0' }).map(([k, v]) => [`ce-${k}`, v]))),
  },
);
const encoding = fc.constantFrom('none', 'none', 'none', 'gzip', 'claimed', 'damaged');

describe('intake of garbage', () => {
  const suite = intakeSuite();

  it('never fails, answers with counts that add up, and they are those of the account', async () => {
    let sum: Account = NONE;
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(body, type, attributes, encoding, damage, async (bytes, contentType, named, how, by) => {
        const sent = how === 'gzip' ? gzipSync(bytes) : how === 'damaged' ? damaged(gzipSync(bytes), by) : bytes;
        const { status, body: answer } = await suite.stack.post(sent, {
          'content-type': contentType,
          ...named,
          ...(how !== 'none' && { 'content-encoding': 'gzip' }),
        });
        expect([200, 400, 409, 415]).toContain(status);
        if (status !== 200) expect(answer).toMatchObject({ status, code: expect.stringMatching(/^[a-z_]+$/) });
        outcomes.add(`${status} ${answer['code'] as string}`);
        if (answer['received'] === undefined) return;
        const counts = countsOf(answer);
        expect(addsUp(counts)).toBe(true);
        sum = addAccounts(sum, counts);
      }),
      { numRuns: 400, endOnFailure: true },
    );
    expect(countsOf(await suite.stack.account())).toEqual(sum);
    // It was garbage of all kinds.
    expect(sum.stored * sum.duplicate * sum.conflict * sum.rejected).toBeGreaterThan(0);
    const [often, seldom] = [
      ['200 undefined', '400 all_rejected', '400 body_broken'],
      ['400 body_empty', '409 record_conflict'],
    ];
    expect([...outcomes]).toEqual(expect.arrayContaining(often));
    expect([...often, ...seldom, '415 unsupported_media_type']).toEqual(expect.arrayContaining([...outcomes]));
  });
});
