import { createReadStream, statSync } from 'node:fs';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { addAccounts, NO_ACCOUNT } from './account';
import { ProblemError, type ApiClient, type Receipt } from './api-client';
import { UsageError } from './exit';

/** Lines of NDJSON that make one request. */
export interface Chunk {
  /** Records before it, so that the API's numbers within a request become numbers of the file. */
  readonly before: number;
  readonly records: number;
  readonly bytes: Buffer;
}

const MOST_RECORDS = 10_000;
const MOST_BYTES = 8_000_000;
const LONGEST_LINE = 64_000_000;
/** Requests under way: one is read while the other is stored. */
const AT_ONCE = 2;
const [NEWLINE, BRACKET] = [0x0a, 0x5b];

export interface Input {
  readonly bytes: AsyncIterable<Buffer>;
  /** Bytes of the file as it lies on disk; undefined for a pipe. */
  readonly size: number | undefined;
  /** Of those, how many have been read. */
  read(): number;
}

/** Opens a file, or standard input for `-`; what is compressed with gzip is decompressed. @throws UsageError when it cannot be read */
export function openInput(path: string): Input {
  let size: number | undefined;
  if (path !== '-') {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) throw new UsageError(`${path} does not exist`);
    if (found.isDirectory()) throw new UsageError(`${path} is a directory`);
    if (found.isFile()) size = found.size;
  }
  const source: Readable = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 1 << 18 });
  let read = 0;
  source.on('data', (part: Buffer) => (read += part.length));
  source.pause();
  return { bytes: decompressed(source, path), size, read: () => read };
}

async function* decompressed(source: Readable, path: string): AsyncGenerator<Buffer> {
  const parts = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await parts.next();
  if (first.done) return;
  const all = (async function* (): AsyncGenerator<Buffer> {
    yield first.value;
    for (let part = await parts.next(); !part.done; part = await parts.next()) yield part.value;
  })();
  const isGzip = first.value[0] === 0x1f && first.value[1] === 0x8b;
  if (!isGzip) {
    yield* all;
    return;
  }
  const plain = new PassThrough();
  const done = pipeline(all, createGunzip(), plain);
  done.catch(() => undefined); // the loop below meets the same error
  try {
    yield* plain as AsyncIterable<Buffer>;
  } catch (error) {
    throw new UsageError(`${path} is damaged gzip: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Cuts NDJSON into requests at line ends. @throws UsageError for what is no NDJSON */
export async function* chunksOf(source: AsyncIterable<Buffer>): AsyncGenerator<Chunk> {
  let parts: Buffer[] = [];
  let [bytes, records, before] = [0, 0, 0];
  /** Bytes of the line that has begun and not ended. */
  let line = 0;
  const take = (): Chunk => {
    const chunk = { before, records, bytes: Buffer.concat(parts, bytes) };
    before += records;
    [parts, bytes, records] = [[], 0, 0];
    return chunk;
  };
  for await (const part of source) {
    if (before + records + bytes === 0 && part.find((byte) => byte > 0x20) === BRACKET)
      throw new UsageError(
        'this is a JSON array; NDJSON is needed, one object a line (`jq -c .[]` makes it of an array)',
      );
    let [start, from] = [0, 0];
    for (let end = part.indexOf(NEWLINE); end >= 0; end = part.indexOf(NEWLINE, from)) {
      if (line + end - from > 1) records++; // a line end alone, also \r\n, is no record
      line = 0;
      from = end + 1;
      if (records < MOST_RECORDS && bytes + from - start < MOST_BYTES) continue;
      parts.push(part.subarray(start, from));
      bytes += from - start;
      start = from;
      yield take();
    }
    line += part.length - from;
    if (line > LONGEST_LINE) throw new UsageError(`a line is longer than ${LONGEST_LINE / 1e6} MB; is this NDJSON?`);
    parts.push(part.subarray(start));
    bytes += part.length - start;
  }
  if (line > 1) records++;
  if (records > 0) yield take();
}

/**
 * Sends chunks, two at a time, and adds up what became of them.
 * @param onSent called after each
 * @param mapping that the lines are read by, where they are no events
 */
export async function sendChunks(
  client: ApiClient,
  chunks: AsyncIterable<Chunk>,
  onSent: (total: Receipt) => void = () => undefined,
  mapping?: string,
): Promise<Receipt> {
  let total: Receipt = { ...NO_ACCOUNT, problems: [] };
  const underWay = new Set<Promise<void>>();
  let failure: unknown;
  for await (const chunk of chunks) {
    const sent = receiptOf(() => client.sendEvents(chunk.bytes, 'application/x-ndjson', mapping)).then(
      (receipt) => onSent((total = sum(total, receipt, chunk.before))),
      (error: unknown) => void (failure ??= error),
    );
    underWay.add(sent);
    void sent.then(() => underWay.delete(sent));
    if (underWay.size >= AT_ONCE) await Promise.race(underWay);
    if (failure !== undefined) break;
  }
  await Promise.all(underWay);
  if (failure !== undefined) throw failure as Error;
  return total;
}

/** A request of which nothing was stored is a problem that carries its counts: to the account of a file it is one more part. */
export async function receiptOf(send: () => Promise<Receipt>): Promise<Receipt> {
  try {
    return await send();
  } catch (error) {
    if (
      error instanceof ProblemError &&
      typeof error.problem['received'] === 'number' &&
      error.problem['line'] === undefined
    )
      return {
        ...(error.problem as unknown as Receipt),
        problems: (error.problem['problems'] as Receipt['problems'] | undefined) ?? [],
      };
    throw error;
  }
}

const MOST_NAMED = 100;

function sum(a: Receipt, b: Receipt, before: number): Receipt {
  const named = (b.problems as Receipt['problems'] | undefined)?.map((one) => ({ ...one, line: one.line + before }));
  const skipped = (a.skipped ?? 0) + (b.skipped ?? 0);
  return {
    ...addAccounts(a, b),
    ...(skipped > 0 && { skipped }),
    problems: [...a.problems, ...(named ?? [])].slice(0, MOST_NAMED),
  };
}
