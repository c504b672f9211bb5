import { hash } from 'node:crypto';

/** Bytes of every hash here: SHA-256. */
export const HASH_BYTES = 32;

/** Root of the tree without leaves. RFC 6962, section 2.1. */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');

/** Hash of a leaf: RFC 6962, section 2.1. The prefix keeps a leaf from passing for a node. */
export function leafHash(entry: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(entry.length + 1);
  bytes[0] = 0;
  bytes.set(entry, 1);
  return hash('sha256', bytes, 'buffer');
}

const pair = Buffer.alloc(2 * HASH_BYTES + 1, 1);

/** Hash of a node over its two children: RFC 6962, section 2.1. */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return hash('sha256', pair, 'buffer');
}

/** Root over as many hashes of the same height as a power of two. */
export function perfectRoot(hashes: readonly Buffer[]): Buffer {
  let row = hashes;
  while (row.length > 1) {
    const above: Buffer[] = [];
    for (let i = 0; i < row.length; i += 2) above.push(nodeHash(row[i]!, row[i + 1]!));
    row = above;
  }
  return row[0]!;
}

/** Hash of the perfect subtree of 2^level leaves that begins at leaf index * 2^level. Asked only for such as are whole. */
export type NodeSource = (level: number, index: number) => Promise<Buffer>;

/** Largest power of two below n, n > 1. */
export function splitAt(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

const isPowerOfTwo = (n: number): boolean => n >= 1 && Number.isInteger(Math.log2(n));

/** Root of the leaves [from, to), from a place where RFC 6962 would cut. */
export async function rangeRoot(nodes: NodeSource, from: number, to: number): Promise<Buffer> {
  const size = to - from;
  if (size === 0) return EMPTY_ROOT;
  if (isPowerOfTwo(size) && from % size === 0) return nodes(Math.log2(size), from / size);
  const k = splitAt(size);
  const [left, right] = await Promise.all([rangeRoot(nodes, from, from + k), rangeRoot(nodes, from + k, to)]);
  return nodeHash(left, right);
}

/**
 * Proof that leaf `index` is in the tree of `size` leaves: RFC 6962, section 2.1.1.
 * @throws RangeError unless 0 <= index < size
 */
export async function inclusionProof(nodes: NodeSource, index: number, size: number): Promise<Buffer[]> {
  if (!(Number.isInteger(index) && index >= 0 && index < size)) throw new RangeError('index is not below size');
  const ranges: [number, number][] = [];
  for (let [from, to] = [0, size]; to - from > 1;) {
    const middle = from + splitAt(to - from);
    ranges.push(index < middle ? [middle, to] : [from, middle]);
    if (index < middle) to = middle;
    else from = middle;
  }
  return Promise.all(ranges.reverse().map(([from, to]) => rangeRoot(nodes, from, to)));
}

/**
 * Proof that the tree of `first` leaves is the beginning of that of `second`: RFC 6962, section 2.1.2.
 * @throws RangeError unless 0 <= first <= second
 */
export async function consistencyProof(nodes: NodeSource, first: number, second: number): Promise<Buffer[]> {
  if (!(Number.isInteger(first) && first >= 0 && first <= second)) throw new RangeError('first is above second');
  if (first === 0 || first === second) return [];
  const ranges: [number, number][] = [];
  let isWhole = true; // whether what is left of the first tree is one that the verifier knows
  let [from, to] = [0, second];
  while (first !== to) {
    const middle = from + splitAt(to - from);
    if (first <= middle) {
      ranges.push([middle, to]);
      to = middle;
    } else {
      ranges.push([from, middle]);
      from = middle;
      isWhole = false;
    }
  }
  if (!isWhole) ranges.push([from, to]);
  return Promise.all(ranges.reverse().map(([begin, end]) => rangeRoot(nodes, begin, end)));
}

const isOdd = (n: number): boolean => n % 2 === 1;
const half = (n: number): number => Math.floor(n / 2);

/** Checks a proof of inclusion: RFC 9162, section 2.1.3.2. @param leaf hash of the leaf */
export function verifyInclusion(
  leaf: Buffer,
  index: number,
  size: number,
  proof: readonly Buffer[],
  root: Buffer,
): boolean {
  if (!(Number.isInteger(index) && index >= 0 && index < size)) return false;
  let [fn, sn, r] = [index, size - 1, leaf];
  for (const p of proof) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      r = nodeHash(p, r);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else r = nodeHash(r, p);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && r.equals(root);
}

/** Checks a proof of consistency: RFC 9162, section 2.1.4.2. An empty tree is the beginning of any. */
export function verifyConsistency(
  first: number,
  second: number,
  firstRoot: Buffer,
  secondRoot: Buffer,
  proof: readonly Buffer[],
): boolean {
  if (!(Number.isInteger(first) && first >= 0 && first <= second)) return false;
  if (first === second) return proof.length === 0 && firstRoot.equals(secondRoot);
  if (first === 0) return proof.length === 0 && firstRoot.equals(EMPTY_ROOT);
  const path = isPowerOfTwo(first) ? [firstRoot, ...proof] : proof;
  let [fn, sn] = [first - 1, second - 1];
  while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
  const [begin, ...rest] = path;
  if (!begin) return false;
  let [fr, sr] = [begin, begin];
  for (const c of rest) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      fr = nodeHash(c, fr);
      sr = nodeHash(c, sr);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else sr = nodeHash(sr, c);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && fr.equals(firstRoot) && sr.equals(secondRoot);
}
