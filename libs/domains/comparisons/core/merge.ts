import { compareKeys, fieldsOf, type Field } from './canonical';
import type { Side } from './data-set';
import { LineReader } from './line-reader';
import type { LogicalType } from './logical-type';

/** Rows that are equal by their bytes are compared in windows of this many bytes, from small after a difference to large. */
const LEAST_WINDOW = 256;
const MOST_WINDOW = 1 << 20;

export interface Row {
  readonly key: readonly Field[];
  readonly values: readonly Field[];
}

/** What the merge finds, in key order. */
export type Found =
  /** Rows of one key that are not equal byte by byte on both sides. One side may be empty; each holds several only where keys repeat. */
  | {
      readonly is: 'rows';
      readonly key: readonly Field[];
      readonly source: readonly Row[];
      readonly target: readonly Row[];
    }
  /** So many rows that are equal byte by byte. */
  | { readonly is: 'same'; readonly rows: number };

export interface MergeOptions {
  readonly keyTypes: readonly LogicalType[];
  /** Sides whose store says that keys are unique. Rows of the others are looked at one by one: a repeated key ends the merge, unless `duplicates` are allowed. */
  readonly unique: Readonly<Record<Side, boolean>>;
  readonly allowDuplicates: boolean;
  /** Whether rows of equal bytes are the same; where NULL equals nothing, they may not be. */
  readonly equalBytesAreSame: boolean;
}

export class RepeatedKeyError extends Error {
  override readonly name = 'RepeatedKeyError';
  constructor(
    readonly side: Side,
    readonly keys: readonly (readonly Field[])[],
  ) {
    super('a key occurs twice');
  }
}

export class OutOfOrderError extends Error {
  override readonly name = 'OutOfOrderError';
  constructor(readonly side: Side) {
    super('rows do not come in the order of their keys');
  }
}

/** One side of a merge. */
class Stream {
  /** Key prefix of the last row that was taken, as bytes, where repeats are looked for. */
  private last: Buffer | undefined;
  private lastKey: readonly Field[] | undefined;

  constructor(
    readonly side: Side,
    readonly reader: LineReader,
    private readonly options: MergeOptions,
  ) {}

  private get looks(): boolean {
    return !this.options.unique[this.side] && !this.options.allowDuplicates;
  }

  /** Takes rows up to `to`, and refuses a key that repeats among them. */
  take(to: number): void {
    if (this.looks) this.look(to);
    this.reader.advance(to);
  }

  private look(to: number): void {
    const { reader, options } = this;
    const fields = options.keyTypes.length;
    let { last } = this;
    for (let at = reader.at; at < to;) {
      const behind = reader.lineEnd(at);
      const key = reader.buffer.subarray(at, reader.prefixEnd(at, behind, fields));
      if (last?.equals(key)) throw this.repeated(at);
      last = key;
      at = behind;
    }
    // A copy: the buffer that it points into may be large, and goes.
    this.last = last && Buffer.from(last);
  }

  /** The key at `at`, and others of what is held that repeat. */
  private repeated(at: number): RepeatedKeyError {
    const { reader } = this;
    const keys: (readonly Field[])[] = [];
    let before: string | undefined;
    for (let from = at; from < reader.end && keys.length < 3;) {
      const key = this.keyAt(from);
      const text = JSON.stringify(key);
      if ((from === at || text === before) && JSON.stringify(keys.at(-1)) !== text) keys.push(key);
      before = text;
      from = reader.lineEnd(from);
    }
    return new RepeatedKeyError(this.side, keys);
  }

  private keyAt(at: number): readonly Field[] {
    return fieldsOf(this.reader.line(at)).slice(0, this.options.keyTypes.length);
  }

  /** The next row, which stays. */
  private peek(at = this.reader.at): Row {
    const fields = fieldsOf(this.reader.line(at));
    const count = this.options.keyTypes.length;
    return { key: fields.slice(0, count), values: fields.slice(count) };
  }

  /** The key of the next row. @throws OutOfOrderError */
  nextKey(): readonly Field[] {
    const { key } = this.peek();
    if (this.lastKey && compareKeys(this.options.keyTypes, this.lastKey, key) > 0) throw new OutOfOrderError(this.side);
    this.lastKey = key;
    return key;
  }

  /** Takes all rows of this key. */
  async takeRows(key: readonly Field[]): Promise<Row[]> {
    const { reader, options } = this;
    const rows: Row[] = [];
    for (;;) {
      const row = this.peek();
      if (rows.length > 0 && compareKeys(options.keyTypes, row.key, key) !== 0) return rows;
      this.take(reader.lineEnd());
      rows.push(row);
      if (options.unique[this.side] || (reader.isEmpty && !(await reader.fill()))) return rows;
    }
  }
}

/**
 * Merges two streams of rows that are in the order of their keys. Long equal stretches are compared as bytes at once; where bytes differ, the window narrows to
 * the row, and both rows are read. Each turn takes at least one row of one side.
 * @throws RepeatedKeyError, OutOfOrderError, CutOffError
 */
export async function* merge(
  readers: Readonly<Record<Side, LineReader>>,
  options: MergeOptions,
): AsyncGenerator<Found, void> {
  const [a, b] = [new Stream('source', readers.source, options), new Stream('target', readers.target, options)];
  let window = MOST_WINDOW;
  for (;;) {
    const [hasA, hasB] = await Promise.all([filled(a.reader), filled(b.reader)]);
    if (!hasA && !hasB) return;
    if (hasA && hasB && options.equalBytesAreSame) {
      const { rows, next } = takeEqual(a, b, window);
      window = next;
      if (rows > 0) {
        yield { is: 'same', rows };
        continue;
      }
    }
    yield await takeDifferent(hasA ? a : undefined, hasB ? b : undefined, options.keyTypes);
  }
}

const filled = async (reader: LineReader): Promise<boolean> => !reader.isEmpty || (await reader.fill());

/** Takes rows that are equal as bytes. @returns 0 rows when the next ones are not */
function takeEqual(a: Stream, b: Stream, window: number): { readonly rows: number; readonly next: number } {
  const [left, right] = [a.reader, b.reader];
  const most = Math.min(left.end - left.at, right.end - right.at);
  let length = Math.min(most, window);
  const equal = (bytes: number): boolean =>
    left.buffer.compare(right.buffer, right.at, right.at + bytes, left.at, left.at + bytes) === 0;
  while (!equal(length)) {
    if (length <= LEAST_WINDOW) {
      // Equal rows in front of the one that differs.
      let same = 0;
      while (left.buffer[left.at + same] === right.buffer[right.at + same]) same++;
      return { rows: takeLines(a, b, same), next: LEAST_WINDOW };
    }
    length = Math.max(LEAST_WINDOW, length >> 2);
  }
  let rows = takeLines(a, b, length);
  if (rows > 0 || length === most) return { rows, next: Math.min(MOST_WINDOW, length * 4) };
  // Equal so far, and no row ended: rows are longer than the window.
  const [leftEnd, rightEnd] = [left.lineEnd() - left.at, right.lineEnd() - right.at];
  rows = leftEnd === rightEnd && equal(leftEnd) ? takeLines(a, b, leftEnd) : 0;
  return { rows, next: Math.min(MOST_WINDOW, Math.max(LEAST_WINDOW, leftEnd * 4)) };
}

/** Takes the whole lines within so many bytes, which are equal on both sides. */
function takeLines(a: Stream, b: Stream, bytes: number): number {
  const { buffer, at } = a.reader;
  if (bytes === 0) return 0;
  const last = buffer.lastIndexOf(10, at + bytes - 1);
  if (last < at) return 0;
  const length = last + 1 - at;
  const rows = LineReader.linesIn(buffer, at, at + length);
  a.take(a.reader.at + length);
  b.take(b.reader.at + length);
  return rows;
}

async function takeDifferent(
  a: Stream | undefined,
  b: Stream | undefined,
  types: readonly LogicalType[],
): Promise<Found> {
  const keyA = a?.nextKey();
  const keyB = b?.nextKey();
  const order = keyA === undefined ? 1 : keyB === undefined ? -1 : compareKeys(types, keyA, keyB);
  return {
    is: 'rows',
    key: order <= 0 ? keyA! : keyB!,
    source: order <= 0 ? await a!.takeRows(keyA!) : [],
    target: order >= 0 ? await b!.takeRows(keyB!) : [],
  };
}
