import { HASH_BYTES, nodeHash, perfectRoot, EMPTY_ROOT, type NodeSource } from './merkle';

/** Hashes of a whole tile: C2SP tlog-tiles. */
export const TILE_WIDTH = 256;
/** Levels of the tree that one tile spans. */
const TILE_HEIGHT = 8;

/** A tile of hashes: `level` counts in steps of 8 levels of the tree, `width` is how many hashes it holds. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** `1234067` as `x001/x234/067`: C2SP tlog-tiles. */
function indexPath(index: number): string {
  const groups: string[] = [];
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(String(rest % 1000).padStart(3, '0'));
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
}

const ended = (index: number, width: number): string =>
  `${indexPath(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;

/** Where a tile of hashes is, from the root of the log. */
export const tilePath = ({ level, index, width }: Tile): string => `tile/${level}/${ended(index, width)}`;
/** Where a bundle of entries is. */
export const bundlePath = (index: number, width: number): string => `tile/entries/${ended(index, width)}`;

const PATH = /^tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** Whether a text is the path of a tile or bundle: nothing else is ever looked up. */
export function isTilePath(path: string): boolean {
  const [, , index, width] = PATH.exec(path) ?? [];
  if (index === undefined || Number(width ?? 1) >= TILE_WIDTH) return false;
  const number = Number(index.replace(/[x/]/g, ''));
  return Number.isSafeInteger(number) && indexPath(number) === index;
}

/** How many hashes the tile has in a tree of so many leaves. */
export function widthIn(size: number, level: number, index: number): number {
  const nodes = Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, nodes - index * TILE_WIDTH));
}

/** A bundle of entries: each after its length in two bytes, the high one first. @throws RangeError for an entry of more than 65,535 bytes */
export function bundleOf(entries: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    if (entry.length > 0xffff) throw new RangeError('an entry has more than 65,535 bytes');
    parts.push(Buffer.from([entry.length >> 8, entry.length & 0xff]), entry);
  }
  return Buffer.concat(parts);
}

/** The entries of a bundle. @throws RangeError when it is cut off */
export function entriesOf(bundle: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length;) {
    const end = at + 2 + (bundle.length - at < 2 ? 2 : bundle.readUInt16BE(at));
    if (end > bundle.length) throw new RangeError('the bundle is cut off');
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

export const hashesOf = (tile: Buffer): Buffer[] =>
  Array.from({ length: Math.floor(tile.length / HASH_BYTES) }, (_, i) =>
    tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );

/** The nodes of a tree by its tiles. @param hashes those of a tile, at least as many as asked for */
export function nodesOfTiles(hashes: (level: number, index: number) => Promise<Buffer>): NodeSource {
  return async (level, index) => {
    const inTile = level % TILE_HEIGHT;
    const count = 2 ** inTile;
    const first = index * count;
    const bytes = await hashes((level - inTile) / TILE_HEIGHT, Math.floor(first / TILE_WIDTH));
    const at = (first % TILE_WIDTH) * HASH_BYTES;
    if (bytes.length < at + count * HASH_BYTES) throw new RangeError('the tile is too short');
    return perfectRoot(hashesOf(bytes.subarray(at, at + count * HASH_BYTES)));
  };
}

/** A tile with its hashes. */
export interface FilledTile extends Tile {
  readonly bytes: Buffer;
}

/** The right edge of a growing tree: the tiles that are not whole yet, and with them its root. */
export class TileEdge {
  /** By level: the hashes of the tile that is being filled, and its index. */
  private constructor(
    private readonly levels: { index: number; hashes: Buffer[] }[],
    private leaves: number,
  ) {}

  /** @param hashes as for {@link nodesOfTiles}: reads the last tiles of a tree of `size` leaves */
  static async read(size: number, hashes: (level: number, index: number) => Promise<Buffer>): Promise<TileEdge> {
    const levels: { index: number; hashes: Buffer[] }[] = [];
    for (let level = 0, nodes = size; nodes > 0; level++, nodes = Math.floor(nodes / TILE_WIDTH)) {
      const index = Math.floor(nodes / TILE_WIDTH);
      const width = nodes % TILE_WIDTH;
      const bytes = width === 0 ? Buffer.alloc(0) : await hashes(level, index);
      if (bytes.length < width * HASH_BYTES) throw new RangeError('a tile of the log is too short');
      levels.push({ index, hashes: hashesOf(Buffer.from(bytes.subarray(0, width * HASH_BYTES))) });
    }
    return new TileEdge(levels, size);
  }

  get size(): number {
    return this.leaves;
  }

  /** Adds a leaf. @returns the tiles that it made whole, lowest first */
  append(leaf: Buffer): FilledTile[] {
    const whole: FilledTile[] = [];
    let hash = leaf;
    this.leaves += 1;
    for (let level = 0; ; level++) {
      const tile = (this.levels[level] ??= { index: 0, hashes: [] });
      tile.hashes.push(hash);
      if (tile.hashes.length < TILE_WIDTH) return whole;
      whole.push({ level, index: tile.index, width: TILE_WIDTH, bytes: Buffer.concat(tile.hashes) });
      hash = perfectRoot(tile.hashes);
      this.levels[level] = { index: tile.index + 1, hashes: [] };
    }
  }

  /** The tiles that are not whole, as they are now. */
  partial(): FilledTile[] {
    return this.levels.flatMap(({ index, hashes }, level) =>
      hashes.length === 0 ? [] : [{ level, index, width: hashes.length, bytes: Buffer.concat(hashes) }],
    );
  }

  /** Root of the tree. Subtrees get smaller to the right, so that the fold begins there. */
  root(): Buffer {
    let root: Buffer | undefined;
    for (const { hashes } of this.levels)
      for (let end = hashes.length; end > 0;) {
        const width = end & -end; // the last subtree is as large as the lowest bit
        const subtree = perfectRoot(hashes.slice(end - width, end));
        root = root ? nodeHash(subtree, root) : subtree;
        end -= width;
      }
    return root ?? EMPTY_ROOT;
  }
}
