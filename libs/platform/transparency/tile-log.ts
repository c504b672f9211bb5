import { checkpointText, readCheckpoint, type Checkpoint } from './checkpoint';
import { consistencyProof, inclusionProof, leafHash, rangeRoot, type NodeSource } from './merkle';
import { readNote, signNote, type SignerKey } from './note';
import type { LogStore } from './store';
import {
  bundleOf,
  bundlePath,
  entriesOf,
  nodesOfTiles,
  TileEdge,
  tilePath,
  TILE_WIDTH,
  widthIn,
  type FilledTile,
} from './tiles';

/** Somebody else owns the log by now. Nothing of this was added; who gets it stops. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

/** What is kept of the log cannot be read, or contradicts itself: no owner may go on. */
export class BrokenLogError extends Error {
  override readonly name = 'BrokenLogError';
}

/** A commit: entries [from, from + entries) were added, and this is what the log says of itself now. */
interface Commit {
  readonly from: number;
  readonly entries: readonly string[];
  readonly checkpoint: string;
}

/** Commits that are kept until tiles are made durable. */
const KEPT_COMMITS = 64;
/** Files that are written at the same time. */
const WRITES = 8;
/** 8 KB each. */
const CACHED_TILES = 2_000;
const CACHED_NODES = 50_000;

/**
 * An append-only log of entries with its Merkle tree (RFC 6962) as tiles (C2SP tlog-tiles), owned by one writer. A commit holds its entries, so that it alone decides what
 * the log is; tiles and the published checkpoint follow from commits, and are the same whoever writes them. A writer that was superseded can therefore
 * overwrite nothing: what it writes outside of a commit, it writes only for commits that were its own.
 */
export class TileLog {
  private published: Checkpoint;
  private note = '';
  private readonly whole: FilledTile[] = [];
  private readonly wholeBundles: { readonly index: number; readonly bytes: Buffer }[] = [];
  /** Folders of partial tiles that are whole by now. */
  private readonly outdated: string[] = [];
  private forgetting: Promise<unknown> | undefined;
  private readonly readTiles = new Map<string, Promise<Buffer>>();
  private readonly knownNodes = new Map<string, Promise<Buffer>>();

  private constructor(
    private readonly store: LogStore,
    private readonly origin: string,
    private readonly keys: readonly SignerKey[],
    private readonly edge: TileEdge,
    /** Entries of the bundle that is being filled. */
    private bundle: Buffer[],
    private at: number,
    /** Number below which no commit is kept. */
    private forgotten: number,
  ) {
    this.published = { origin, size: 0, root: edge.root() };
  }

  /**
   * Takes the log over, whoever owned it: reads what it is, writes again what commits say, and makes a commit of its own. One that does not exist is made.
   * @throws SupersededError when somebody else does the same and was faster, BrokenLogError
   */
  static async takeOver(store: LogStore, origin: string, keys: readonly SignerKey[]): Promise<TileLog> {
    const commits = await store.commits();
    const base = commits[0] ? read(commits[0].bytes).from : 0;
    const edge = await TileEdge.read(base, readerOf(store, base));
    const bundle = await readBundle(store, Math.floor(base / TILE_WIDTH), base % TILE_WIDTH);
    const log = new TileLog(store, origin, keys, edge, bundle, commits.at(-1)?.number ?? 0, commits[0]?.number ?? 0);
    for (const { bytes } of commits) log.replay(read(bytes));
    await log.commit([]);
    await log.publish();
    return log;
  }

  /** Number of the commit that was made last. */
  get number(): number {
    return this.at;
  }

  /** Entries that are committed. */
  get size(): number {
    return this.edge.size;
  }

  /** The published checkpoint, signed. */
  get checkpoint(): string {
    return this.note;
  }

  get publishedSize(): number {
    return this.published.size;
  }

  /**
   * Adds entries behind the last, in one commit. Durable when it returns; seen by readers after {@link publish}. One call at a time, and not beside `publish`; after one that failed,
   * this object knows no more what the log is, and another has to take over.
   * @throws SupersededError; what the store throws
   */
  append(entries: readonly Buffer[]): Promise<void> {
    return this.commit(entries);
  }

  /** Makes a commit without entries: what was meant for the number before will never be one. @throws SupersededError */
  renew(): Promise<void> {
    return this.commit([]);
  }

  /** Writes tiles and checkpoint of what is committed: the checkpoint last, so that readers find what it speaks of. Not beside {@link append}. */
  async publish(): Promise<void> {
    const whole = [
      ...this.whole.splice(0).map((tile) => ({ path: tilePath(tile), bytes: tile.bytes })),
      ...this.wholeBundles.splice(0).map(({ index, bytes }) => ({ path: bundlePath(index, TILE_WIDTH), bytes })),
    ];
    const partial = this.edge
      .partial()
      .filter(({ level, index, width }) => widthIn(this.published.size, level, index) < width)
      .map((tile) => ({ path: tilePath(tile), bytes: tile.bytes }));
    const { size } = this.edge;
    if (this.bundle.length > 0 && this.published.size < size) {
      const path = bundlePath(Math.floor(size / TILE_WIDTH), this.bundle.length);
      partial.push({ path, bytes: bundleOf(this.bundle) });
    }
    for (let at = 0, files = [...whole, ...partial]; at < files.length; at += WRITES)
      await Promise.all(files.slice(at, at + WRITES).map(({ path, bytes }) => this.store.put(path, bytes)));
    this.outdated.push(...whole.map(({ path }) => `${path}.p`));
    await this.store.put('checkpoint', Buffer.from(this.note));
    this.published = readCheckpoint(readNote(this.note).text);
    if (this.at - this.forgotten >= KEPT_COMMITS) this.forget();
  }

  /** Beside what comes next: it takes a while, and nothing waits for it. One that failed is tried again with a later commit. */
  private forget(): void {
    if (this.forgetting) return;
    const { at } = this;
    const outdated = this.outdated.splice(0);
    this.forgetting = this.store
      .forgetBelow(at, outdated)
      .then(
        () => (this.forgotten = at),
        () => this.outdated.push(...outdated),
      )
      .finally(() => (this.forgetting = undefined));
  }

  /** A tile or bundle as it is published. */
  file(path: string): Promise<Buffer | undefined> {
    return this.store.get(path);
  }

  /** Root of the first `size` entries. @throws RangeError unless that many are published */
  root(size: number): Promise<Buffer> {
    this.mustBePublished(size);
    return rangeRoot(this.nodes(), 0, size);
  }

  /** RFC 6962, section 2.1.1. @throws RangeError unless index < size, and that many are published */
  async inclusion(index: number, size: number): Promise<Buffer[]> {
    this.mustBePublished(size);
    return inclusionProof(this.nodes(), index, size);
  }

  /** RFC 6962, section 2.1.2. @throws RangeError unless first <= second, and that many are published */
  async consistency(first: number, second: number): Promise<Buffer[]> {
    this.mustBePublished(second);
    return consistencyProof(this.nodes(), first, second);
  }

  private mustBePublished(size: number): void {
    if (!(Number.isInteger(size) && size >= 0 && size <= this.published.size))
      throw new RangeError('the log is not so large');
  }

  /** Tiles are kept by path, which has their width, and nodes by place: neither ever changes. */
  private nodes(): NodeSource {
    const { size } = this.published;
    const read = readerOf(this.store, size);
    const node = nodesOfTiles((level, index) => {
      const path = tilePath({ level, index, width: widthIn(size, level, index) });
      return remembered(this.readTiles, path, CACHED_TILES, () => read(level, index));
    });
    return (level, index) => remembered(this.knownNodes, `${level}/${index}`, CACHED_NODES, () => node(level, index));
  }

  /** What a commit of the past says, checked against what came before it. */
  private replay({ from, entries, checkpoint }: Commit): void {
    if (from !== this.edge.size) throw new BrokenLogError('the commits of the log do not follow each other');
    this.add(entries.map((entry) => Buffer.from(entry, 'base64')));
    const said = readCheckpoint(readNote(checkpoint).text);
    if (said.origin !== this.origin) throw new BrokenLogError('the log that is kept there has another name');
    if (said.size !== this.edge.size || !said.root.equals(this.edge.root()))
      throw new BrokenLogError('a commit of the log contradicts its tiles');
  }

  private async commit(entries: readonly Buffer[]): Promise<void> {
    const from = this.edge.size;
    this.add(entries);
    const text = checkpointText({ origin: this.origin, size: this.edge.size, root: this.edge.root() });
    const checkpoint = signNote(text, this.keys);
    const commit: Commit = { from, entries: entries.map((entry) => entry.toString('base64')), checkpoint };
    if (!(await this.store.commit(this.at + 1, Buffer.from(JSON.stringify(commit)))))
      throw new SupersededError('another process owns the log by now');
    this.at += 1;
    this.note = checkpoint;
  }

  private add(entries: readonly Buffer[]): void {
    for (const entry of entries) {
      this.whole.push(...this.edge.append(leafHash(entry)));
      this.bundle.push(entry);
      if (this.bundle.length < TILE_WIDTH) continue;
      this.wholeBundles.push({ index: this.edge.size / TILE_WIDTH - 1, bytes: bundleOf(this.bundle) });
      this.bundle = [];
    }
  }
}

function read(bytes: Buffer): Commit {
  try {
    return JSON.parse(bytes.toString()) as Commit;
  } catch {
    throw new BrokenLogError('a commit of the log is not whole');
  }
}

/** What a key stands for, from memory where it is there; the oldest of too many is forgotten. */
function remembered(
  memory: Map<string, Promise<Buffer>>,
  key: string,
  most: number,
  make: () => Promise<Buffer>,
): Promise<Buffer> {
  const known = memory.get(key);
  if (known) return known;
  const made = make();
  made.catch(() => memory.delete(key));
  if (memory.size >= most) memory.delete(memory.keys().next().value!);
  memory.set(key, made);
  return made;
}

/** Reads tiles of a tree of some size: as wide as they are there, or whole where they are meanwhile. */
const readerOf =
  (store: LogStore, size: number) =>
  async (level: number, index: number): Promise<Buffer> => {
    const width = widthIn(size, level, index);
    const bytes =
      (await store.get(tilePath({ level, index, width }))) ??
      (await store.get(tilePath({ level, index, width: TILE_WIDTH })));
    if (!bytes) throw new BrokenLogError('a tile of the log is missing');
    return bytes;
  };

async function readBundle(store: LogStore, index: number, width: number): Promise<Buffer[]> {
  if (width === 0) return [];
  const bytes = (await store.get(bundlePath(index, width))) ?? (await store.get(bundlePath(index, TILE_WIDTH)));
  const entries = bytes ? entriesOf(bytes).slice(0, width) : [];
  if (entries.length < width) throw new BrokenLogError('a bundle of the log is missing or too short');
  return entries;
}
