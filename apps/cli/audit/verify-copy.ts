#!/usr/bin/env node
/*
 * Checks a copy of a Holdfast audit log. It needs Node 20.19 or later and nothing else: read it, and run it alone.
 *
 *   node verify-copy.js DIR [--key KEY] [--checkpoint FILE]...
 *
 * DIR holds `checkpoint` (a signed note), `tile/...` (C2SP tlog-tiles) and `rows.txt`, a line for each row: `<sequence> <commit> <salt> <entry>`.
 * The leaf of an entry is SHA-256(0x00 || c), where c = SHA-256(salt || entry) is what the bundles under tile/entries hold. KEY is the key of the log as it
 * was told to you (`<name>+<id>+<key>`); without it the one in DIR/log.key is believed, and a copy that somebody else made from the beginning would pass. FILE
 * is a checkpoint that you kept, or one that a witness has co-signed: the log must be a continuation of it.
 *
 * It ends with 0 when everything is as it was, with 1 when not, and says on standard output which rows are altered, missing, added or out of order.
 */
import { createPublicKey, hash, verify, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** What is wrong. `sequence` names the row, where it is one. */
export interface Fault {
  readonly fault: 'altered' | 'missing' | 'added' | 'out_of_order' | 'columns' | 'tree' | 'rolled_back' | 'signature';
  readonly sequence?: number;
  readonly detail: string;
}

export interface Report {
  readonly origin: string;
  readonly size: number;
  /** In base 64. */
  readonly root: string;
  readonly rows: number;
  readonly erased: readonly number[];
  /** Rows that a writer left behind when it was cut off: never part of the log. */
  readonly leftBehind: number;
  /** The first of them; `faultCount` says how many there are. */
  readonly faults: readonly Fault[];
  readonly faultCount: number;
}

export interface LogToVerify {
  /** Signed note: what the log is. */
  readonly checkpoint: string;
  /** Keys of the log. */
  readonly keys: readonly string[];
  /** Signed notes that the log must be a continuation of. */
  readonly earlier: readonly string[];
  /** A bundle or tile. */
  readonly file: (path: string) => Promise<Buffer | undefined>;
  /** Lines of rows, cut anywhere. */
  readonly rows: AsyncIterable<Buffer>;
  /** Rows from here on may be missing: they were written while rows were read. The size, unless told. */
  readonly completeBelow?: number;
}

const MOST_FAULTS = 1_000;
const WIDTH = 256;
const HASH = 32;
const sha256 = (bytes: Uint8Array | string): Buffer => hash('sha256', bytes, 'buffer');

class Faults {
  readonly list: Fault[] = [];
  count = 0;
  add(fault: Fault['fault'], detail: string, sequence?: number): void {
    this.count += 1;
    if (this.list.length < MOST_FAULTS) this.list.push({ fault, detail, ...(sequence !== undefined && { sequence }) });
  }
}

// ---- checkpoints: C2SP signed-note and tlog-checkpoint ----

interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  /** Whether one of the keys has signed it, and none of them wrongly. */
  readonly isSigned: boolean;
}

interface Key {
  readonly name: string;
  readonly id: number;
  readonly key: KeyObject;
}

const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

function readKey(text: string): Key {
  const [name = '', id = '', base64 = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text.trim())?.slice(1) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  const isRight = sha256(Buffer.concat([Buffer.from(`${name}\n`), bytes])).readUInt32BE(0) === parseInt(id, 16);
  if (bytes.length !== HASH + 1 || bytes[0] !== 1 || !isRight) throw new Error('the key of the log is malformed');
  const der = Buffer.concat([SPKI_HEAD, bytes.subarray(1)]);
  return { name, id: parseInt(id, 16), key: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
}

function readCheckpoint(note: string, keys: readonly Key[]): Checkpoint {
  const cut = note.lastIndexOf('\n\n');
  const text = note.slice(0, cut + 1);
  const [origin = '', size = '', root = ''] = text.split('\n');
  if (cut < 0 || !/^(0|[1-9]\d{0,15})$/.test(size)) throw new Error('a checkpoint is malformed');
  let [right, wrong] = [0, 0];
  for (const line of note.slice(cut + 2).split('\n')) {
    const [, name, base64 = ''] = /^\u2014 (\S+) (\S+)$/u.exec(line) ?? [];
    const bytes = Buffer.from(base64, 'base64');
    if (bytes.length !== 4 + 64) continue;
    const key = keys.find((one) => one.name === name && one.id === bytes.readUInt32BE(0));
    if (!key) continue;
    if (verify(null, Buffer.from(text), key.key, bytes.subarray(4))) right += 1;
    else wrong += 1;
  }
  const isSigned = right > 0 && wrong === 0;
  return { origin, size: Number(size), root: Buffer.from(root, 'base64'), isSigned };
}

// ---- the tree: RFC 6962 ----

const node = Buffer.alloc(2 * HASH + 1, 1);
function nodeHash(left: Buffer, right: Buffer): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH);
  return sha256(node);
}

/** Roots of perfect subtrees, each smaller than the one before. */
class Tree {
  private readonly subtrees: { readonly level: number; readonly root: Buffer }[] = [];
  add(leaf: Buffer): void {
    let [level, root] = [0, leaf];
    for (let last = this.subtrees.at(-1); last?.level === level; last = this.subtrees.at(-1)) {
      this.subtrees.pop();
      root = nodeHash(last.root, root);
      level += 1;
    }
    this.subtrees.push({ level, root });
  }
  root(): Buffer {
    const [last, ...others] = this.subtrees.map(({ root }) => root).reverse();
    return last ? others.reduce((right, left) => nodeHash(left, right), last) : sha256('');
  }
}

/** Path of a tile: C2SP tlog-tiles. */
function pathOf(kind: string, index: number, width: number): string {
  const groups: string[] = [];
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(String(rest % 1000).padStart(3, '0'));
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${kind}/${path}${width === WIDTH ? '' : `.p/${width}`}`;
}

/** What the bundles hold: 32 bytes for each entry, one after the other. */
async function readCommitments(log: LogToVerify, size: number, faults: Faults): Promise<Buffer> {
  const all = Buffer.alloc(size * HASH);
  const leaf = Buffer.alloc(HASH + 1);
  for (let first = 0; first < size; first += WIDTH) {
    const width = Math.min(WIDTH, size - first);
    const read = async (kind: string): Promise<Buffer | undefined> =>
      (await log.file(pathOf(kind, first / WIDTH, width))) ?? (await log.file(pathOf(kind, first / WIDTH, WIDTH)));
    const [bundle, tile] = await Promise.all([read('entries'), read('0')]);
    const isWhole = bundle !== undefined && bundle.length >= width * (HASH + 2);
    if (!isWhole) faults.add('tree', `the bundle from entry ${first} on is missing or cut off`, first);
    if (!isWhole) continue;
    for (let i = 0; i < width; i++) {
      const at = i * (HASH + 2);
      if (bundle.readUInt16BE(at) !== HASH) faults.add('tree', 'the bundle has an entry of another length', first + i);
      bundle.copy(all, (first + i) * HASH, at + 2, at + 2 + HASH);
      bundle.copy(leaf, 1, at + 2, at + 2 + HASH);
      if (!tile?.subarray(i * HASH, (i + 1) * HASH).equals(sha256(leaf)))
        faults.add('tree', 'the tile of hashes and the bundle of entries contradict each other', first + i);
    }
  }
  return all;
}

/** Builds the tree, and looks on the way whether it went through the checkpoints. */
function verifyTree(commitments: Buffer, now: Checkpoint, earlier: readonly Checkpoint[], faults: Faults): void {
  const tree = new Tree();
  const leaf = Buffer.alloc(HASH + 1);
  const due = earlier.filter(({ size }) => size <= now.size).sort((a, b) => a.size - b.size);
  const pass = (size: number): void => {
    for (; due[0]?.size === size; due.shift())
      if (!due[0].root.equals(tree.root()))
        faults.add('rolled_back', `the log of size ${size} had another root when the earlier checkpoint was signed`);
  };
  pass(0);
  for (let i = 0; i < now.size; i++) {
    commitments.copy(leaf, 1, i * HASH, (i + 1) * HASH);
    tree.add(sha256(leaf));
    pass(i + 1);
  }
  if (!tree.root().equals(now.root)) faults.add('tree', 'the entries do not have the root that the checkpoint signs');
}

// ---- rows ----

/** A row that is not the entry of its sequence. */
interface Odd {
  readonly sequence: number;
  readonly commit: string;
  readonly commitment: string;
}

const REDACTED = Buffer.from('{"action":"audit.redact",');
const OPENED = Buffer.from('{"action":"log.opened",');
const begins = (entry: Buffer, with_: Buffer): boolean => entry.subarray(0, with_.length).equals(with_);

class Rows {
  count = 0;
  readonly odd: Odd[] = [];
  readonly erased = new Set<number>();
  /** Numbers of commits that writers took over by: rows that were meant for one are none of the log's. */
  readonly opened = new Set<string>();
  readonly seen: Uint8Array;
  private last = -1;
  private scratch = Buffer.alloc(4096);

  constructor(
    private readonly commitments: Buffer,
    private readonly size: number,
    private readonly faults: Faults,
  ) {
    this.seen = new Uint8Array(size);
  }

  /** @param line without its line feed */
  take(line: Buffer): void {
    const a = line.indexOf(0x20);
    const b = line.indexOf(0x20, a + 1);
    const c = line.indexOf(0x20, b + 1);
    if (a < 0 || b < 0 || c < 0) return this.faults.add('altered', 'a line of the rows is malformed');
    const sequence = Number(line.toString('latin1', 0, a));
    const commit = line.toString('latin1', a + 1, b);
    const names = line.toString('latin1', b + 1, c) === 'columns' ? line.toString('latin1', c + 1) : '';
    if (names !== '') return this.faults.add('columns', `search columns contradict the entry: ${names}`, sequence);
    this.count += 1;
    if (sequence < this.last) this.faults.add('out_of_order', `stands behind row ${this.last}`, sequence);
    this.last = sequence;
    this.compare(sequence, commit, line.subarray(b + 1, c), line.subarray(c + 1));
  }

  private compare(sequence: number, commit: string, salt: Buffer, entry: Buffer): void {
    if (this.scratch.length < HASH + entry.length) this.scratch = Buffer.alloc(2 * (HASH + entry.length));
    const written = salt.length === 2 * HASH ? this.scratch.write(salt.toString('latin1'), 0, 'hex') : 0;
    entry.copy(this.scratch, HASH);
    const commitment = written === HASH ? sha256(this.scratch.subarray(0, HASH + entry.length)) : sha256('');
    const at = sequence * HASH;
    const isIn = sequence < this.size && commitment.compare(this.commitments, at, at + HASH) === 0;
    if (!isIn || this.seen[sequence] !== 0)
      return void this.odd.push({ sequence, commit, commitment: commitment.toString('base64') });
    this.seen[sequence] = 1;
    if (begins(entry, REDACTED))
      this.erased.add(Number((JSON.parse(entry.toString()) as { subjectId: string }).subjectId));
    if (begins(entry, OPENED)) this.opened.add((JSON.parse(entry.toString()) as { code: string }).code);
  }

  /** Says what the odd rows are, and which rows are not there. @returns how many were left behind */
  judge(completeBelow: number): number {
    const places = this.placesOf(new Set(this.odd.map(({ commitment }) => commitment)));
    let leftBehind = 0;
    for (const { sequence, commit, commitment } of this.odd) {
      const place = places.get(commitment);
      const isAlone = sequence < this.size && this.seen[sequence] === 0;
      if (place !== undefined && place !== sequence) {
        this.faults.add('out_of_order', `the row is entry ${place} of the log`, sequence);
        if (isAlone) this.seen[sequence] = 2;
      } else if (place === undefined && this.opened.has(commit)) leftBehind += 1;
      else if (isAlone) {
        this.seen[sequence] = 2;
        this.faults.add('altered', 'salt or entry are not those that the log was given', sequence);
      } else this.faults.add('added', 'the log has no such entry', sequence);
    }
    for (let sequence = 0; sequence < Math.min(completeBelow, this.size); sequence++)
      if (this.seen[sequence] === 0 && !this.erased.has(sequence))
        this.faults.add('missing', 'the row is not there, and no entry says that it was erased', sequence);
    return leftBehind;
  }

  private placesOf(wanted: ReadonlySet<string>): Map<string, number> {
    const places = new Map<string, number>();
    if (wanted.size === 0) return places;
    for (let i = 0; i < this.size; i++) {
      const commitment = this.commitments.toString('base64', i * HASH, (i + 1) * HASH);
      if (wanted.has(commitment)) places.set(commitment, i);
    }
    return places;
  }
}

async function readRows(chunks: AsyncIterable<Buffer>, rows: Rows): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      rows.take(bytes.subarray(from, end));
      from = end + 1;
    }
    rest = bytes.subarray(from);
  }
  if (rest.length > 0) rows.take(rest);
}

/** Checks a log against its checkpoint, and against earlier ones. @throws Error when a key or a checkpoint is malformed */
export async function verifyLog(log: LogToVerify): Promise<Report> {
  const faults = new Faults();
  const keys = log.keys.map(readKey);
  const now = readCheckpoint(log.checkpoint, keys);
  if (!now.isSigned) faults.add('signature', 'the checkpoint has no right signature of the log');
  const earlier = log.earlier.map((note) => readCheckpoint(note, keys));
  for (const one of earlier) {
    if (!one.isSigned || one.origin !== now.origin)
      faults.add('signature', `the earlier checkpoint of size ${one.size} has no right signature of this log`);
    else if (one.size > now.size)
      faults.add(
        'rolled_back',
        `the log had ${one.size} entries when an earlier checkpoint was signed, and has ${now.size}`,
      );
  }
  const commitments = await readCommitments(log, now.size, faults);
  verifyTree(
    commitments,
    now,
    earlier.filter(({ isSigned }) => isSigned),
    faults,
  );
  const rows = new Rows(commitments, now.size, faults);
  await readRows(log.rows, rows);
  const leftBehind = rows.judge(log.completeBelow ?? now.size);
  return {
    ...{ origin: now.origin, size: now.size, root: now.root.toString('base64'), rows: rows.count, leftBehind },
    erased: [...rows.erased].sort((a, b) => a - b),
    faults: faults.list.sort((a, b) => (a.sequence ?? -1) - (b.sequence ?? -1)),
    faultCount: faults.count,
  };
}

/** Checks a copy in a directory. @param key of the log; the one in the copy is believed when none is given */
export async function verifyCopy(folder: string, key: string | undefined, earlier: readonly string[]): Promise<Report> {
  const text = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  return verifyLog({
    checkpoint: await text('checkpoint'),
    keys: key === undefined ? (await text('log.key')).trim().split('\n') : [key],
    earlier,
    file: (path) => readFile(join(folder, path)).catch(() => undefined),
    rows: createReadStream(join(folder, 'rows.txt'), { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>,
  });
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { key: { type: 'string' }, checkpoint: { type: 'string', multiple: true, default: [] } },
    allowPositionals: true,
  });
  const [folder] = positionals;
  if (folder === undefined) throw new Error('usage: verify-copy.js DIR [--key KEY] [--checkpoint FILE]...');
  const earlier = await Promise.all(values.checkpoint.map((file) => readFile(file, 'utf8')));
  const report = await verifyCopy(folder, values.key, earlier);
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = report.faultCount === 0 ? 0 : 1;
}

if (require.main === module)
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  });
