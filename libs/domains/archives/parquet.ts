import { decompress } from 'fzstd';
import {
  type AsyncBuffer,
  parquetMetadataAsync,
  type ParquetQueryFilter,
  parquetReadObjects,
  rowIndex,
} from 'hyparquet';
import type { Micros } from '@holdfast/kernel';
import type { SealedReader } from '@holdfast/platform/sealed-stream';
import type { ArchiveFilter } from './core/archive';

/** A row of an object, by its columns. */
export type ParquetRow = Readonly<Record<string, unknown>>;

/** The end of a file, with what it says of its row groups: read at once. */
const FOOTER_BYTES = 256 * 1024;
const TERMS = {
  // Microseconds, which a Date would cut.
  parsers: { timestampFromMicroseconds: (micros: bigint): Micros => Number(micros) },
  compressors: { ZSTD: (input: Uint8Array, length: number) => decompress(input, new Uint8Array(length)) },
};

const bufferOf = (reader: SealedReader): AsyncBuffer => ({
  byteLength: reader.plainBytes,
  async slice(start: number, end = reader.plainBytes) {
    const from = start < 0 ? reader.plainBytes + start : start;
    const bytes = await reader.read(from, end < 0 ? reader.plainBytes + end : end);
    return new Uint8Array(bytes).buffer;
  },
});

/** As the columns are compared; undefined where nothing is asked for. */
function asked({ process, key, stage, from, to }: ArchiveFilter): ParquetQueryFilter | undefined {
  const origin = { ...(from !== undefined && { $gte: from }), ...(to !== undefined && { $lt: to }) };
  const filter = {
    ...(process !== undefined && { process: { $eq: process } }),
    ...(key !== undefined && { key: { $eq: key } }),
    ...(stage !== undefined && { stage: { $eq: stage } }),
    ...(Object.keys(origin).length > 0 && { origin_at: origin }),
  };
  return Object.keys(filter).length > 0 ? filter : undefined;
}

/**
 * Rows of a Parquet file that are asked for, in its order. Row groups whose statistics say that they have none are not read; of the others the columns that are asked
 * about come first, and the rest where a row was found.
 * @throws what the reader throws
 */
export async function* rowsOf(reader: SealedReader, filter: ArchiveFilter): AsyncGenerator<ParquetRow> {
  const file = bufferOf(reader);
  const metadata = await parquetMetadataAsync(file, { ...TERMS, initialFetchSize: FOOTER_BYTES });
  const wanted = asked(filter);
  let start = 0;
  for (const { num_rows } of metadata.row_groups) {
    const [rowStart, rowEnd] = [start, start + Number(num_rows)];
    start = rowEnd;
    const of = { ...TERMS, file, metadata, useOffsetIndex: true } as const;
    if (!wanted) {
      yield* await parquetReadObjects({ ...of, rowStart, rowEnd });
      continue;
    }
    const columns = Object.keys(wanted);
    const found = await parquetReadObjects({ ...of, rowStart, rowEnd, columns, filter: wanted, includeRowIndex: true });
    const places = found.map((row) => row[rowIndex] as number);
    if (places.length === 0) continue;
    // One read of what lies between the first and the last of them: rows of a key stand together.
    const span = { rowStart: places[0]!, rowEnd: places.at(-1)! + 1 };
    yield* await parquetReadObjects({ ...of, ...span, filter: wanted });
  }
}
