/**
 * One block of ClickHouse's Native format, built column by column: the cheapest form for the engine to read and for us to write.
 * Source of the layout: ClickHouse documentation, "Native" format and "Native protocol: columns". Types that differ from the table's are cast by the engine.
 */
export type ColumnType =
  | 'String'
  | 'FixedString(16)'
  | 'Bool'
  | 'Int8'
  | 'UInt16'
  | 'UInt32'
  | 'UInt64'
  | 'Int64'
  | 'Float64'
  | 'DateTime64(6)'
  | 'Nullable(UInt64)';

const WIDTH: Readonly<Partial<Record<ColumnType, number>>> = {
  'FixedString(16)': 16,
  Bool: 1,
  Int8: 1,
  UInt16: 2,
  UInt32: 4,
  UInt64: 8,
  Int64: 8,
  Float64: 8,
  'DateTime64(6)': 8,
  'Nullable(UInt64)': 8,
};

/** A buffer that grows by doubling. */
class Growing {
  bytes: Buffer;
  length = 0;
  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
  }
  reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + more));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
  /** LEB128, as Native writes lengths. The caller has reserved the room. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }
}

/** Writes short text faster than a call into Node does. @returns the bytes written, 0 when the text is not ASCII */
function asciiInto(bytes: Buffer, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return 0;
    bytes[at + i] = code;
  }
  return text.length;
}

/** Values of one column, in the order of rows. */
class Column {
  private readonly values: Growing;
  private readonly nulls: Growing | undefined;
  private readonly width: number;
  /** The text written last, and where: only while nothing but texts are written. */
  private previous: string | undefined;
  private previousAt = 0;

  constructor(
    readonly name: string,
    readonly type: ColumnType,
    expectedRows: number,
  ) {
    this.width = WIDTH[type] ?? 0;
    this.values = new Growing(Math.max(64, expectedRows * (this.width || 24)));
    this.nulls = type === 'Nullable(UInt64)' ? new Growing(Math.max(64, expectedRows)) : undefined;
  }

  text(value: string): void {
    const { values } = this;
    if (value === this.previous) return this.repeat();
    this.previous = value;
    this.previousAt = values.length;
    values.reserve(value.length * 3 + 5);
    if (value.length < 43) {
      // At most 127 bytes: the length takes one byte, so the text can be written behind it first.
      const written = asciiInto(values.bytes, values.length + 1, value) || values.bytes.write(value, values.length + 1);
      values.bytes[values.length] = written;
      values.length += written + 1;
      return;
    }
    values.varint(Buffer.byteLength(value));
    values.length += values.bytes.write(value, values.length);
  }

  /** Many columns say the same row after row. */
  private repeat(): void {
    const { values, previousAt } = this;
    const width = values.length - previousAt;
    values.reserve(width);
    values.bytes.copyWithin(values.length, previousAt, values.length);
    this.previousAt = values.length;
    values.length += width;
  }

  /** Text that is bytes already; must be UTF-8. */
  bytes(source: Buffer, start: number, end: number): void {
    const { values } = this;
    this.previous = undefined;
    values.reserve(end - start + 5);
    values.varint(end - start);
    source.copy(values.bytes, values.length, start, end);
    values.length += end - start;
  }

  /** Exactly as many bytes as the type is wide, in hexadecimal, as they stand in memory: the lowest byte of a number first. */
  hex(digits: string): void {
    this.values.reserve(this.width);
    this.values.length += this.values.bytes.write(digits, this.values.length, this.width, 'hex');
  }

  /** For types up to 32 bits. */
  small(value: number): void {
    const { values, width } = this;
    values.reserve(width);
    if (width === 1) values.bytes[values.length] = value & 0xff;
    else if (width === 2) values.bytes.writeUInt16LE(value, values.length);
    else values.bytes.writeUInt32LE(value, values.length);
    values.length += width;
  }

  /** For 64-bit types whose value is a safe integer. */
  integer(value: number): void {
    const { values } = this;
    values.reserve(8);
    values.bytes.writeInt32LE(value | 0, values.length);
    values.bytes.writeInt32LE(Math.floor(value / 4294967296), values.length + 4);
    values.length += 8;
    if (this.nulls) this.flag(0);
  }

  /** For 64-bit types of any value, two's complement. */
  big(value: bigint): void {
    this.values.reserve(8);
    this.values.bytes.writeBigInt64LE(BigInt.asIntN(64, value), this.values.length);
    this.values.length += 8;
  }

  double(value: number): void {
    this.values.reserve(8);
    this.values.length = this.values.bytes.writeDoubleLE(value, this.values.length);
  }

  null(): void {
    this.values.reserve(8);
    this.values.bytes.fill(0, this.values.length, this.values.length + 8);
    this.values.length += 8;
    this.flag(1);
  }

  private flag(isNull: number): void {
    const { nulls } = this;
    if (!nulls) throw new TypeError(`column ${this.name} takes no null`);
    nulls.reserve(1);
    nulls.bytes[nulls.length++] = isNull;
  }

  chunks(): Buffer[] {
    const header = new Growing(64 + this.name.length + this.type.length);
    for (const text of [this.name, this.type]) {
      header.varint(text.length);
      header.length += header.bytes.write(text, header.length, 'latin1');
    }
    const parts = this.nulls ? [header, this.nulls, this.values] : [header, this.values];
    return parts.map(({ bytes, length }) => bytes.subarray(0, length));
  }
}

/** A column that nearly always holds one value, which must be the table's default. */
export type SeldomColumn =
  | { readonly type: 'String'; readonly usual: string }
  | { readonly type: 'Bool' | 'Int8' | 'UInt16' | 'DateTime64(6)' | 'Float64'; readonly usual: number };

export class NativeBlock<Name extends string, Seldom extends string = never> {
  readonly columns: Readonly<Record<Name, Column>>;
  rows = 0;
  /** By row, of seldom columns that hold something else somewhere. */
  private readonly unusual = new Map<Seldom, Map<number, string | number>>();

  /**
   * @param expectedRows how much to allocate at once; more fit
   * @param seldom columns that are left out of the block when all rows hold the usual value
   */
  constructor(
    types: Readonly<Record<Name, ColumnType>>,
    private readonly expectedRows: number,
    private readonly seldom: Readonly<Record<Seldom, SeldomColumn>> = {} as Record<Seldom, SeldomColumn>,
  ) {
    const entries = (Object.keys(types) as Name[]).map((name) => [name, new Column(name, types[name], expectedRows)]);
    this.columns = Object.fromEntries(entries) as Record<Name, Column>;
  }

  /** Gives a seldom column its value in the current row; without, it is the usual one. */
  note<S extends Seldom>(name: S, value: string | number): void {
    if (value === this.seldom[name].usual) return;
    let rows = this.unusual.get(name);
    if (!rows) this.unusual.set(name, (rows = new Map<number, string | number>()));
    rows.set(this.rows, value);
  }

  /** The block as ClickHouse reads it, and its columns' names. The caller has given every column that is not seldom a value for each of `rows`. */
  encode(): { readonly columns: readonly string[]; readonly bytes: Buffer } {
    const columns = [...Object.values<Column>(this.columns), ...this.unusualColumns()];
    const start = new Growing(16);
    start.varint(columns.length);
    start.varint(this.rows);
    const bytes = Buffer.concat([
      start.bytes.subarray(0, start.length),
      ...columns.flatMap((column) => column.chunks()),
    ]);
    return { columns: columns.map(({ name }) => name), bytes };
  }

  private unusualColumns(): Column[] {
    return [...this.unusual].map(([name, values]) => {
      const { type, usual } = this.seldom[name];
      const column = new Column(name, type, this.expectedRows);
      for (let row = 0; row < this.rows; row++) {
        const value = values.get(row) ?? usual;
        if (typeof value === 'string') column.text(value);
        else if (type === 'DateTime64(6)') column.integer(value);
        else if (type === 'Float64') column.double(value);
        else column.small(value);
      }
      return column;
    });
  }
}
