import { bodyMapper } from '@holdfast/domains/mapping/body-mapper';
import { MappingSchema } from '@holdfast/domains/mapping/mapping.schemas';
import * as fc from 'fast-check';
import { jsonText, parseJson } from '@holdfast/domains/mapping/core/json-value';
import { MAPPING_PROBLEMS } from '@holdfast/domains/mapping/mapping.problems';
import { PLACE, readAll, type MappingInput, type ReadAll } from './read-all';

const event = (path: string): MappingInput['event'] => ({
  ...PLACE,
  id: { hash: [path] },
  key: { path, as: ['trim'] },
  type: { path, choose: { A: 'a' }, default: 'other' },
  occurredAt: { path, as: [{ date: 'YYYYMMDD' }], default: '2026-11-20T09:30:00Z' },
});
const ISA =
  'ISA*00*          *00*          *ZZ*A              *ZZ*B              *261120*0930*U*00401*000000001*0*P*>~';
const SET = 'ST*850*1~BEG*00*SA*P1**20261120~PO1*1*2~PO1*2*3~SE*5*1~';
/** Each format with a body that is right, to be damaged. */
const FORMATS: Record<string, { readonly mapping: MappingInput; readonly body: string }> = {
  csv: {
    mapping: { format: { kind: 'csv' }, event: event('d'), data: { n: { path: 'n', as: ['number'] } } },
    body: 'd,n,"q"\r\n20261120,1,"a,""b\n"\n20261121,2,c\n',
  },
  xml: {
    mapping: { format: { kind: 'xml', record: 'L/O' }, event: event('@d'), data: { n: { path: 'N[1]' } } },
    body: '<?xml version="1.0" encoding="utf-8"?>\n<L a="1"><O d="20261120"><N>1 &amp; <![CDATA[é]]></N></O><!-- c --><O d="x"/></L>',
  },
  x12: {
    mapping: {
      format: { kind: 'x12', recordSegment: 'PO1' },
      event: event('BEG.5'),
      data: { n: { path: 'PO1.2', as: ['number'] } },
    },
    body: `${ISA}GS*PO*A*B*20261120*0930*1*X*004010~${SET}GE*1*1~IEA*1*000000001~`,
  },
  edifact: {
    mapping: { format: { kind: 'edifact' }, event: event('DTM.1.2'), data: { n: { path: 'NAD[1=BY].2.1' } } },
    body: "UNA:+.? 'UNB+UNOC:3+A+B+261120:0930+R'UNH+1+ORDERS:D:96A:UN'DTM+137:20261120:102'NAD+BY+x?+y::9'UNT+4+1'UNZ+1+R'",
  },
};
const MESSAGE =
  '{"schema":{"type":"struct","fields":[{"field":"after","type":"struct","fields":[{"field":"p","type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"}}]}]},"payload":{"op":"u","before":{"id":1},"after":{"id":1,"p":"AxH3"},"source":{"connector":"mysql","file":"f","pos":1,"table":"t","ts_ms":1559033904863},"ts_ms":1}}';
const DEBEZIUM: MappingInput = {
  format: { kind: 'debezium', columns: { p: { type: 'decimal', scale: 2 }, id: { type: 'timestamp_ns' } } },
  event: { ...PLACE, key: { path: 'row.id' } },
};

const damage = fc.array(
  fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('flip', 'cut', 'double', 'insert'),
    byte: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('"\',;*~+:?<>&/\n\r{}[]0'))),
    length: fc.integer({ min: 1, max: 12 }),
  }),
  { maxLength: 4 },
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
const cuts = fc.array(fc.nat(), { maxLength: 10 });
const CODES: ReadonlySet<string> = new Set([
  ...MAPPING_PROBLEMS.map(({ code }) => code),
  'malformed_json',
  'duplicate_field',
  'too_deep',
  'invalid_utf8',
  'line_too_long',
]);

/** Whatever came, every record is an event in JSON or a rejection that is documented. */
function expectSense({ texts, rejections, broken }: ReadAll): void {
  for (const text of texts) expect(typeof JSON.parse(text)).toBe('object');
  for (const { code } of [...rejections, ...(broken ? [broken] : [])]) expect(CODES.has(code)).toBe(true);
}

describe.each(Object.entries(FORMATS))('%s from anybody', (_kind, { mapping, body }) => {
  it('is read as it stands', () => {
    const { texts, broken } = readAll(mapping, body);
    expect(broken).toBeUndefined();
    expect(texts.length).toBeGreaterThan(0);
  });

  it('damaged or random: always ends, in events or documented rejections, wherever its parts end', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        fc.oneof(
          { weight: 5, arbitrary: damage.map((by) => damaged(Buffer.from(body), by)) },
          { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
          {
            weight: 1,
            arbitrary: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.concat([Buffer.from(body), bytes])),
          },
        ),
        cuts,
        (bytes, at) => {
          const whole = readAll(mapping, bytes);
          expectSense(whole);
          expect(readAll(mapping, bytes, at)).toEqual(whole);
          for (const one of whole.order) seen.add(one);
          if (whole.broken) seen.add(whole.broken.code);
        },
      ),
      { numRuns: 700 },
    );
    expect(seen.size).toBeGreaterThan(2);
  });

  it('endless: what is held stays within the bound of a record', () => {
    // Bodies that open something and never end it, of 192 MiB: held, they would show.
    const openings = [body.slice(0, -10), body.slice(0, 30), `${body}"`, ''];
    const fill = Buffer.alloc(65_536, 'A');
    for (const opening of openings) {
      const before = process.memoryUsage();
      let most = 0;
      const parts = {
        *[Symbol.iterator]() {
          yield Buffer.from(opening);
          for (let i = 0; i < 3_072; i++) {
            yield fill;
            const { heapUsed, external, arrayBuffers } = process.memoryUsage();
            if (i % 32 === 0) most = Math.max(most, heapUsed + external + arrayBuffers);
          }
        },
      };
      const { ended } = readParts(mapping, parts);
      expect(ended).toBe(true);
      expect(most - before.heapUsed - before.external - before.arrayBuffers).toBeLessThan(100_000_000);
    }
  });
});

/** Reads parts one by one, and keeps nothing of what comes out. */
function readParts(input: MappingInput, parts: Iterable<Buffer>): { ended: boolean } {
  const mapper = bodyMapper(MappingSchema.parse(input));
  if (mapper.takes !== 'body') throw new Error('messages have no parts');
  for (const part of parts) {
    const { records, broken } = mapper.read(part);
    for (const _ of records);
    if (broken) return { ended: true };
  }
  for (const _ of mapper.end().records);
  return { ended: true };
}

describe('Debezium from anybody', () => {
  it('damaged, or any JSON in its place: an event or a documented rejection', () => {
    const seen = new Set<string>();
    const value = fc.jsonValue({ maxDepth: 3 });
    const odd = fc
      .record({
        op: fc.constantFrom('c', 'u', 'd', 'r', 't', 'x', '__proto__'),
        before: value,
        after: value,
        source: fc.oneof(
          value,
          fc.record({
            connector: fc.constantFrom('mongodb', 'postgresql', 'constructor'),
            lsn: value,
            ord: value,
            ts_ms: value,
            snapshot: value,
            table: value,
          }),
        ),
        updateDescription: value,
        schema: value,
        payload: value,
        key: value,
        value,
      })
      .chain((all) => fc.subarray(Object.entries(all)).map((some) => Object.fromEntries(some)));
    fc.assert(
      fc.property(
        fc.oneof(
          damage.map((by) => damaged(Buffer.from(MESSAGE), by)),
          odd.map((one) => Buffer.from(JSON.stringify(one))),
          fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
        ),
        (bytes) => {
          const read = readAll(DEBEZIUM, bytes);
          expectSense(read);
          expect(read.order).toHaveLength(1);
          seen.add(read.order[0]!);
        },
      ),
      { numRuns: 1_000 },
    );
    expect([...seen]).toEqual(expect.arrayContaining(['event', 'malformed_json', 'no_change_event']));
  });
});

describe('JSON without loss', () => {
  it('reads what JSON.parse reads, and refuses what it refuses', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.tuple(fc.json(), damage).map(([text, by]) => damaged(Buffer.from(text), by).toString()),
        ),
        (text) => {
          const read = parseJson(text);
          let value: unknown;
          try {
            value = JSON.parse(text);
          } catch {
            expect(typeof read).toBe('string');
            return;
          }
          if (typeof read === 'string') expect(['duplicate_field', 'too_deep']).toContain(read);
          else expect(JSON.parse(jsonText(read.value))).toEqual(value);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
