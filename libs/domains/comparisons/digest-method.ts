import type { Budget, Progress } from './core/comparison';
import type { Comparing } from './comparing';
import { LineReader } from './core/line-reader';
import { isNumbered, keyOf, max, min } from './key-spans';
import type { Span } from './sources/source';

/** Rows that a block should have: a digest costs about as much as the row that it says nothing of. */
const BLOCK_ROWS = 128;
/** Above this share of blocks that differ, reading rows costs less than finding out which ones to read. */
const DENSE = 0.1;
const LEAST_BLOCKS = 64;
/** Differing spans that are read with one statement. */
const SPANS_AT_ONCE = 64;
const LARGEST_BLOCK = 1n << 40n;

/** A key of one whole number in both stores, which make digests. */
export const canDigest = (comparing: Comparing): boolean =>
  isNumbered(comparing) &&
  comparing.sources.source.digests !== undefined &&
  comparing.sources.target.digests !== undefined &&
  comparing.definition.nulls !== 'never_equal';

/** A power of two, so that a span of keys has about as many rows as a block should. */
export function blockSize(rows: number, span: bigint): bigint {
  let size = 1n;
  while (size < LARGEST_BLOCK && Number(size) * rows < BLOCK_ROWS * Number(span)) size <<= 1n;
  return size;
}

interface Differing extends Span {
  /** Rows of blocks in front of it that are equal. */
  readonly sameBefore: number;
}

export interface DigestOutcome {
  readonly partial: keyof Budget | undefined;
  /** How far it came: less than was asked where too many blocks differ, and it may give up. */
  readonly upTo: bigint;
  readonly isDense: boolean;
}

/**
 * Compares the keys from `low` to `high` by digests of blocks that both stores make, and reads rows of those blocks alone that differ.
 * @throws DomainError
 */
export async function* digestSpan(
  comparing: Comparing,
  { low, high }: Span,
  size: bigint,
  mayGiveUp: boolean,
): AsyncGenerator<Progress, DigestOutcome> {
  const { differing, same, upTo, isDense } = await differingBlocks(comparing, { low, high }, size, mayGiveUp);
  comparing.tally.same += same;
  for (let at = 0; at < differing.length; at += SPANS_AT_ONCE) {
    const spans = differing.slice(at, at + SPANS_AT_ONCE);
    const partial = yield* comparing.stream({ spans }, false);
    if (partial) return { partial, upTo, isDense };
    const next = differing[at + SPANS_AT_ONCE];
    // Up to the next span: what is equal in front of it is among the counts. What is equal behind it is counted already, and not yet reached.
    if (next) yield await comparing.told(keyOf(next.low - 1n), same - next.sameBefore);
  }
  yield await comparing.told(keyOf(upTo));
  return { partial: comparing.over(), upTo, isDense };
}

interface Blocks {
  readonly differing: readonly Differing[];
  readonly same: number;
  readonly upTo: bigint;
  readonly isDense: boolean;
}

async function differingBlocks(
  comparing: Comparing,
  { low, high }: Span,
  size: bigint,
  mayGiveUp: boolean,
): Promise<Blocks> {
  const { sources, plans } = comparing;
  const range = { spans: [{ low, high }] };
  const readers = (['source', 'target'] as const).map(
    (side) => new LineReader(sources[side].digests!(plans[side], range, { size: Number(size) })),
  );
  const [a, b] = [new DigestReader(readers[0]!), new DigestReader(readers[1]!)];
  const differing: Differing[] = [];
  let [same, seen, unequal, upTo, isDense] = [0, 0, 0, high, false];
  try {
    for (;;) {
      const [left, right] = await Promise.all([a.peek(), b.peek()]);
      if (!left && !right) break;
      const block = !right || (left && left.block < right.block) ? left!.block : right.block;
      const isEqual = left?.block === right?.block && left?.rows === right?.rows && left?.digest === right?.digest;
      if (left?.block === block) a.take();
      if (right?.block === block) b.take();
      seen++;
      const span = { low: max(low, block * size), high: min(high, (block + 1n) * size - 1n) };
      if (isEqual) same += left!.rows;
      else {
        unequal++;
        const last = differing.at(-1);
        if (last && last.high + 1n === span.low) differing[differing.length - 1] = { ...last, high: span.high };
        else differing.push({ ...span, sameBefore: same });
      }
      if (mayGiveUp && seen >= LEAST_BLOCKS && unequal > seen * DENSE) {
        [upTo, isDense] = [span.high, true];
        break;
      }
    }
  } catch (error) {
    throw comparing.explained(error);
  } finally {
    await Promise.allSettled(readers.map((reader) => reader.stop()));
    comparing.tally.read(readers[0]!.bytesTaken + readers[1]!.bytesTaken);
  }
  return { differing, same, upTo, isDense };
}

interface BlockDigest {
  readonly block: bigint;
  readonly rows: number;
  readonly digest: string;
}

class DigestReader {
  private next: BlockDigest | undefined;
  constructor(private readonly reader: LineReader) {}

  async peek(): Promise<BlockDigest | undefined> {
    if (this.next) return this.next;
    if (this.reader.isEmpty && !(await this.reader.fill())) return undefined;
    const [block, rows, digest] = this.reader.line().split('\t');
    this.reader.advance(this.reader.lineEnd());
    this.next = { block: BigInt(block!), rows: Number(rows), digest: digest! };
    return this.next;
  }

  take(): void {
    this.next = undefined;
  }
}
