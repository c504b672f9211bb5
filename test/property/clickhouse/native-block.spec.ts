import { type ColumnType, NativeBlock } from '@holdfast/platform/clickhouse/native-block';
import * as fc from 'fast-check';

const TYPES = {
  text: 'String',
  raw: 'String',
  name: 'FixedString(16)',
  flag: 'Bool',
  tiny: 'Int8',
  short: 'UInt16',
  word: 'UInt32',
  long: 'UInt64',
  whole: 'Int64',
  at: 'DateTime64(6)',
  perhaps: 'Nullable(UInt64)',
} as const satisfies Record<string, ColumnType>;

const SELDOM = { remark: { type: 'String', usual: '' }, mark: { type: 'Int8', usual: 1 } } as const;

const row = fc.record({
  text: fc.oneof(
    // A text like the one before is copied, not written anew.
    fc.constantFrom('', 'same', 'é'),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    // Around 127 and 16383 bytes a length takes another byte; characters take one to four.
    fc
      .tuple(fc.constantFrom('x', 'é', '€', '😀'), fc.constantFrom(41, 42, 43, 127, 128, 5_461, 16_383, 16_384))
      .map(([unit, times]) => unit.repeat(times / unit.length)),
  ),
  raw: fc.uint8Array({ maxLength: 200 }),
  name: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  flag: fc.boolean(),
  tiny: fc.integer({ min: -128, max: 127 }),
  short: fc.integer({ min: 0, max: 65_535 }),
  word: fc.integer({ min: 0, max: 4_294_967_295 }),
  long: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  whole: fc.maxSafeInteger(),
  at: fc.maxSafeInteger(),
  perhaps: fc.option(fc.maxSafeNat()),
  remark: fc.constantFrom('', '', '', 'é', 'long '.repeat(40)),
  mark: fc.constantFrom(1, 1, 1, 2, -3),
});

/** Reads a block as its documentation describes it. */
class Reader {
  private at = 0;
  constructor(private readonly bytes: Buffer) {}
  length(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }
  take(length: number): Buffer {
    if (this.at + length > this.bytes.length) throw new RangeError('ends too early');
    return this.bytes.subarray(this.at, (this.at += length));
  }
  get done(): boolean {
    return this.at === this.bytes.length;
  }
}

function readColumn(reader: Reader, type: string, rows: number): unknown[] {
  const all = <T>(one: () => T): T[] => Array.from({ length: rows }, one);
  switch (type) {
    case 'String':
      return all(() => reader.take(reader.length()).toString('hex'));
    case 'FixedString(16)':
      return all(() => reader.take(16).toString('hex'));
    case 'Bool':
      return all(() => reader.take(1)[0] === 1);
    case 'Int8':
      return all(() => reader.take(1).readInt8());
    case 'UInt16':
      return all(() => reader.take(2).readUInt16LE());
    case 'UInt32':
      return all(() => reader.take(4).readUInt32LE());
    case 'UInt64':
      return all(() => reader.take(8).readBigUInt64LE());
    case 'Int64':
    case 'DateTime64(6)':
      return all(() => Number(reader.take(8).readBigInt64LE()));
    default: {
      const nulls = all(() => reader.take(1)[0]);
      return all(() => reader.take(8).readBigUInt64LE()).map((value, i) => (nulls[i] === 1 ? null : Number(value)));
    }
  }
}

describe('a block in the Native format', () => {
  it('reads back as it was written, whatever size was expected', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), fc.integer({ min: 0, max: 40 }), (rows, expected) => {
        const block = new NativeBlock(TYPES, expected, SELDOM);
        for (const one of rows) {
          const { columns } = block;
          columns.text.text(one.text);
          columns.raw.bytes(Buffer.from([0, ...one.raw, 0]), 1, 1 + one.raw.length);
          columns.name.hex(Buffer.from(one.name).toString('hex'));
          columns.flag.small(one.flag ? 1 : 0);
          columns.tiny.small(one.tiny);
          columns.short.small(one.short);
          columns.word.small(one.word);
          columns.long.big(one.long);
          columns.whole.integer(one.whole);
          columns.at.integer(one.at);
          if (one.perhaps === null) columns.perhaps.null();
          else columns.perhaps.integer(one.perhaps);
          block.note('remark', one.remark);
          block.note('mark', one.mark);
          block.rows++;
        }
        const { columns, bytes } = block.encode();
        const reader = new Reader(bytes);
        expect([reader.length(), reader.length()]).toEqual([columns.length, rows.length]);
        // Seldom columns are there when they say something.
        const said = (['remark', 'mark'] as const).filter((name) =>
          rows.some((one) => one[name] !== SELDOM[name].usual),
        );
        expect(columns.slice(0, -said.length || undefined)).toEqual(Object.keys(TYPES));
        expect(columns.slice(columns.length - said.length).sort()).toEqual([...said].sort());
        const found: Record<string, unknown[]> = {};
        const types: Record<string, string> = { ...TYPES, remark: 'String', mark: 'Int8' };
        for (const name of columns) {
          const type = types[name]!;
          expect(reader.take(reader.length()).toString()).toBe(name);
          expect(reader.take(reader.length()).toString()).toBe(type);
          found[name] = readColumn(reader, type, rows.length);
        }
        expect(reader.done).toBe(true);
        const hex = (of: Uint8Array | string): string => Buffer.from(of as string).toString('hex');
        for (const [i, one] of rows.entries()) {
          const read = Object.fromEntries(Object.entries(found).map(([name, values]) => [name, values[i]]));
          const { remark = '', mark = 1, ...always } = read;
          expect({ ...always, remark, mark }).toEqual({
            ...one,
            remark: columns.includes('remark') ? hex(one.remark) : '',
            text: hex(one.text),
            raw: hex(one.raw),
            name: hex(one.name),
          });
        }
      }),
      { numRuns: 300 },
    );
  });
});
