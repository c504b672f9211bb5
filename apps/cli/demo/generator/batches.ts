/** Lines of NDJSON, each with its line feed. The bytes are the receiver's: none is written again. */
export interface Batch {
  readonly lines: number;
  readonly ndjson: Buffer;
}

const LINES = 10_000;

/** Packs texts of ASCII, in their order, into batches of 10,000 lines; the last one may have fewer. */
export function* batches(records: Iterable<string>): IterableIterator<Batch> {
  let buffer = Buffer.allocUnsafe(LINES * 640);
  let used = 0;
  let lines = 0;
  for (const record of records) {
    if (used + record.length + 1 > buffer.length)
      buffer = Buffer.concat([buffer.subarray(0, used)], 2 * buffer.length + record.length);
    used += buffer.write(record, used, 'latin1');
    buffer[used++] = 0x0a;
    if (++lines < LINES) continue;
    yield { lines, ndjson: Buffer.from(buffer.subarray(0, used)) };
    used = lines = 0;
  }
  if (lines > 0) yield { lines, ndjson: Buffer.from(buffer.subarray(0, used)) };
}
