import { decode } from './decode';
import type { Find, Lookup } from './event-mapper';
import type { CsvFormat } from './mapping';
import { type BodyReader, LONGEST_RECORD, type MappingRejection, type Reading, rejected } from './mapped';

/** Cells in the order of the columns. */
export type Row = readonly string[];
type Read = Row | { readonly rejection: MappingRejection };

const [NEWLINE, RETURN] = [0x0a, 0x0d];
const BROKEN: MappingRejection = {
  code: 'quote_not_closed',
  field: '',
  reason: 'a quoted cell does not end within 1 MiB, or not at all',
};

/**
 * Reads rows of RFC 4180. A quote means something at the start of a cell alone; blank lines are no rows. A row with more or fewer cells than there are columns
 * is rejected, and reading goes on behind it.
 */
export class CsvReader implements BodyReader<Read> {
  private columns: readonly string[] | undefined;
  private readonly delimiter: number;
  private readonly quote: number;
  private parts: Buffer[] = [];
  private length = 0;
  private inQuotes = false;
  private wasQuote = false;
  private atStart = true;
  private isFirst = true;

  constructor(private readonly format: CsvFormat) {
    this.columns = format.columns;
    this.delimiter = format.delimiter.charCodeAt(0);
    this.quote = format.quote.charCodeAt(0);
  }

  /** Where a column stands. Known once a record was read. */
  position(column: string): number {
    return this.columns?.indexOf(column) ?? -1;
  }

  read(chunk: Buffer): Reading<Read> {
    const records: Read[] = [];
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (this.inQuotes) {
        if (byte === this.quote) {
          this.inQuotes = false;
          this.wasQuote = true;
        }
        continue;
      }
      if (byte === this.quote && (this.atStart || this.wasQuote)) {
        this.inQuotes = true;
        this.atStart = this.wasQuote = false;
        continue;
      }
      this.wasQuote = false;
      this.atStart = byte === this.delimiter;
      if (byte !== NEWLINE) continue;
      const broken = this.row(chunk.subarray(from, i), records);
      if (broken) return { records, broken };
      from = i + 1;
      this.atStart = true;
    }
    this.keep(chunk.subarray(from));
    return this.inQuotes && this.length > LONGEST_RECORD ? { records, broken: BROKEN } : { records };
  }

  end(): Reading<Read> {
    if (this.inQuotes) return { records: [], broken: BROKEN };
    const records: Read[] = [];
    const broken = this.row(Buffer.alloc(0), records);
    return broken ? { records, broken } : { records };
  }

  private keep(part: Buffer): void {
    if (part.length === 0) return;
    this.length += part.length;
    if (this.length <= LONGEST_RECORD) this.parts.push(Buffer.from(part));
    else this.parts = [];
  }

  /** Takes the row that ends with this part. @returns why nothing can be read without it, when it names the columns */
  private row(part: Buffer, into: Read[]): MappingRejection | undefined {
    let bytes = part;
    let length = part.length;
    if (this.length > 0) {
      this.keep(part);
      length = this.length;
      bytes = Buffer.concat(this.parts);
      this.parts = [];
      this.length = 0;
    }
    const read = length > LONGEST_RECORD ? TOO_LONG : this.cells(bytes);
    if (read === undefined) return undefined;
    if (this.columns) into.push('rejection' in read || read.length === this.columns.length ? read : RAGGED);
    else if ('rejection' in read) return read.rejection;
    else if (new Set(read).size !== read.length)
      return { code: 'malformed_row', field: '', reason: 'the first row names a column twice' };
    else this.columns = read;
    return undefined;
  }

  /** Undefined for a blank line. */
  private cells(line: Buffer): Read | undefined {
    let bytes = line.at(-1) === RETURN ? line.subarray(0, -1) : line;
    if (this.isFirst && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
    if (bytes.length === 0) return undefined;
    this.isFirst = false;
    const text = decode(bytes, this.format.encoding);
    if (text === undefined) return rejected('invalid_utf8', '', 'is not UTF-8');
    return cellsOf(text, this.format.delimiter, this.format.quote) ?? MALFORMED;
  }
}

const TOO_LONG = rejected('line_too_long', '', 'is longer than 1 MiB');
const RAGGED = rejected('ragged_row', '', 'has more or fewer cells than there are columns');
const MALFORMED = rejected(
  'malformed_row',
  '',
  'something stands between the quote that ends a cell and the next delimiter',
);

function cellsOf(text: string, delimiter: string, quote: string): Row | undefined {
  if (!text.includes(quote)) return text.split(delimiter);
  const cells: string[] = [];
  for (let at = 0; ;) {
    if (text[at] !== quote) {
      const end = text.indexOf(delimiter, at);
      if (end < 0) return [...cells, text.slice(at)];
      cells.push(text.slice(at, end));
      at = end + 1;
      continue;
    }
    let cell = '';
    let from = at + 1;
    let end = text.indexOf(quote, from);
    while (end >= 0 && text[end + 1] === quote) {
      cell += text.slice(from, end + 1);
      from = end + 2;
      end = text.indexOf(quote, from);
    }
    if (end < 0) return undefined;
    cells.push(cell + text.slice(from, end));
    if (end + 1 === text.length) return cells;
    if (text[end + 1] !== delimiter) return undefined;
    at = end + 2;
  }
}

/** Any name may be a column's. What the header of a body does not have, no row has. */
export const csvLookup =
  (reader: Pick<CsvReader, 'position'>): Lookup<Row> =>
  (column): Find<Row> => {
    let position = -1;
    return (row) => {
      if (position < 0) position = reader.position(column);
      return row[position] === '' ? undefined : row[position];
    };
  };
