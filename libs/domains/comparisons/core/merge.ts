import { compareKeys, fieldsOf, type Field } from './canonical';
import type { Side } from './data-set';
import { LineReader } from './line-reader';
import type { LogicalType } from './logical-type';

/** Rows that are equal by their bytes are compared in windows of this many bytes, from small after a difference to large. */
const LEAST_WINDOW = 256;
const NEWLINE = 10;
const MOST_WINDOW = 1 << 20;
/** Bytes of rows of one key that are held to be paired. */
const MOST_BYTES_OF_KEY = 1 << 26;

export interface Row {
  readonly key: readonly Field[];
  readonly values: readonly Field[];
}

/** What the merge finds, in key order: rows that are equal byte by byte, and then rows of one key that are not. */
export interface Found {
  readonly same: number;
  /** Undefined where no rows follow that differ. One side may be empty; each holds several only where keys repeat. */
  readonly differing: Differing | undefined;
}

export interface Differing {
  readonly key: readonly Field[];
  readonly source: readonly Row[];
  readonly target: readonly Row[];
}

export interface MergeOptions {
  readonly keyTypes: readonly LogicalType[];
  /** Sides whose store says that keys are unique. Rows of the others are looked at one by one: a repeated key ends the merge, unless `duplicates` are allowed. */
  readonly unique: Readonly<Record<Side, boolean>>;
  readonly allowDuplicates: boolean;
  /** Rows of one key that are held to be paired, of either side; more end the merge. */
  readonly mostOfKey: number;
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

/** More rows of one key than can be held to be paired. */
export class CrowdedKeyError extends Error {
  override readonly name = 'CrowdedKeyError';
  constructor(
    readonly side: Side,
    readonly key: readonly Field[],
  ) {
    super('a key has too many rows');
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
  /** The next row, where it was read already: `taken` says which one that is. */
  private peeked: { readonly taken: number; readonly row: Row; readonly length: number } | undefined;
  /** Rows of the next key, as far as they were read: `taken` says where they begin, `length` where to go on. */
  private grouping: { readonly taken: number; readonly rows: Row[]; length: number } | undefined;
  private isStarving = false;

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

  private rowAt(at: number, behind: number): Row {
    const fields = fieldsOf(this.reader.line(at, behind));
    const count = this.options.keyTypes.length;
    return { key: fields.slice(0, count), values: fields.slice(count) };
  }

  /** The next row, which stays. @throws OutOfOrderError */
  peek(): Row {
    const { reader } = this;
    if (this.peeked?.taken === reader.bytesTaken) return this.peeked.row;
    const behind = reader.lineEnd();
    const row = this.rowAt(reader.at, behind);
    if (this.lastKey && compareKeys(this.options.keyTypes, this.lastKey, row.key) > 0)
      throw new OutOfOrderError(this.side);
    this.lastKey = row.key;
    this.peeked = { taken: reader.bytesTaken, row, length: behind - reader.at };
    return row;
  }

  /**
   * Rows with the key of the next one, which stay; undefined where more of them may have to be read first.
   * @throws RepeatedKeyError at the second one where keys must not repeat, CrowdedKeyError
   */
  group(): { readonly rows: readonly Row[]; readonly length: number } | undefined {
    const { reader, options } = this;
    const first = this.peek();
    if (this.grouping?.taken !== reader.bytesTaken)
      this.grouping = { taken: reader.bytesTaken, rows: [first], length: this.peeked!.length };
    const { grouping } = this;
    if (options.unique[this.side]) return grouping;
    for (;;) {
      const at = reader.at + grouping.length;
      if (at === reader.end) {
        if (reader.hasEnded) return grouping;
        this.isStarving = true;
        return undefined;
      }
      const behind = reader.lineEnd(at);
      const row = this.rowAt(at, behind);
      if (compareKeys(options.keyTypes, row.key, first.key) !== 0) return grouping;
      if (!options.allowDuplicates) throw this.repeated(at);
      grouping.rows.push(row);
      grouping.length += behind - at;
      if (grouping.rows.length > options.mostOfKey || grouping.length > MOST_BYTES_OF_KEY)
        throw new CrowdedKeyError(this.side, first.key);
    }
  }

  get needsMore(): boolean {
    return !this.reader.hasEnded && (this.isStarving || this.reader.isEmpty);
  }

  async readOn(): Promise<void> {
    this.isStarving = false;
    await this.reader.fill();
  }
}

/** Rows that are equal are told at the latest after so many. */
const MOST_SAME = 100_000;

/**
 * Merges two streams of rows that are in the order of their keys. Long equal stretches are compared as bytes at once; where bytes differ, the window narrows to
 * the row, and both rows are read. Each turn takes at least one row of one side. Use: `while (await merge.ready()) for (...; found = merge.next(); ...)`.
 */
export class Merge {
  private readonly a: Stream;
  private readonly b: Stream;
  private window = MOST_WINDOW;

  constructor(
    readonly readers: Readonly<Record<Side, LineReader>>,
    private readonly options: MergeOptions,
  ) {
    this.a = new Stream('source', readers.source, options);
    this.b = new Stream('target', readers.target, options);
  }

  /** Reads on where that is needed. @returns false when both sides have come to their end @throws CutOffError */
  async ready(): Promise<boolean> {
    const needy = [this.a, this.b].filter((stream) => stream.needsMore);
    // At once: each store works while the other does.
    await Promise.all(needy.map((stream) => stream.readOn()));
    return !(this.a.reader.isEmpty && this.b.reader.isEmpty);
  }

  /**
   * What comes next of what was read; undefined when there is nothing without reading on.
   * @throws RepeatedKeyError, CrowdedKeyError, OutOfOrderError
   */
  next(): Found | undefined {
    const { a, b } = this;
    let same = 0;
    while (!a.needsMore && !b.needsMore && same < MOST_SAME) {
      const [hasA, hasB] = [!a.reader.isEmpty, !b.reader.isEmpty];
      if (!hasA && !hasB) break;
      const rows = hasA && hasB && this.options.equalBytesAreSame ? this.takeEqual() : 0;
      same += rows;
      if (rows > 0) continue;
      const differing = this.takeDifferent(hasA, hasB);
      if (differing) return { same, differing };
    }
    return same > 0 ? { same, differing: undefined } : undefined;
  }

  /** Takes rows that are equal as bytes. @returns 0 when the next ones are not */
  private takeEqual(): number {
    const [left, right] = [this.a.reader, this.b.reader];
    const most = Math.min(left.end - left.at, right.end - right.at);
    let length = Math.min(most, this.window);
    while (!this.equal(length)) {
      if (length <= LEAST_WINDOW) {
        // Equal rows in front of the one that differs.
        let same = 0;
        while (left.buffer[left.at + same] === right.buffer[right.at + same]) same++;
        this.window = LEAST_WINDOW;
        return this.takeLines(same);
      }
      length = Math.max(LEAST_WINDOW, length >> 2);
    }
    const rows = this.takeLines(length);
    this.window = Math.min(MOST_WINDOW, length * 4);
    if (rows > 0) return rows;
    // Equal so far, and no row ended: rows are longer than the window.
    const [leftEnd, rightEnd] = [left.lineEnd() - left.at, right.lineEnd() - right.at];
    this.window = Math.min(MOST_WINDOW, Math.max(LEAST_WINDOW, leftEnd * 4));
    return leftEnd === rightEnd && this.equal(leftEnd) ? this.takeLines(leftEnd) : 0;
  }

  private equal(bytes: number): boolean {
    const [left, right] = [this.a.reader, this.b.reader];
    return left.buffer.compare(right.buffer, right.at, right.at + bytes, left.at, left.at + bytes) === 0;
  }

  /** Takes the whole lines within so many bytes, which are equal on both sides. */
  private takeLines(bytes: number): number {
    const { buffer, at } = this.a.reader;
    if (bytes === 0) return 0;
    const last = buffer.lastIndexOf(NEWLINE, at + bytes - 1);
    if (last < at) return 0;
    const length = last + 1 - at;
    const rows = LineReader.linesIn(buffer, at, at + length);
    this.a.take(this.a.reader.at + length);
    this.b.take(this.b.reader.at + length);
    return rows;
  }

  private takeDifferent(hasA: boolean, hasB: boolean): Differing | undefined {
    const { a, b } = this;
    const keyA = hasA ? a.peek().key : undefined;
    const keyB = hasB ? b.peek().key : undefined;
    const order = !keyA ? 1 : !keyB ? -1 : compareKeys(this.options.keyTypes, keyA, keyB);
    const ofA = order <= 0 ? a.group() : NOTHING;
    const ofB = order >= 0 ? b.group() : NOTHING;
    if (!ofA || !ofB) return undefined;
    if (ofA.length > 0) a.take(a.reader.at + ofA.length);
    if (ofB.length > 0) b.take(b.reader.at + ofB.length);
    return { key: (order <= 0 ? keyA : keyB)!, source: ofA.rows, target: ofB.rows };
  }
}

const NOTHING = { rows: [], length: 0 } as const;
