import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import {
  DirectoryLogStore,
  entriesOf,
  bundlePath,
  isSignedBy,
  leafHash,
  readCheckpoint,
  readNote,
  signerKey,
  SupersededError,
  tilePath,
  TileLog,
  verifyConsistency,
  verifyInclusion,
  widthIn,
} from '@holdfast/platform/transparency';

const ORIGIN = 'log.example/audit';
const KEYS = [signerKey(ORIGIN, Buffer.alloc(32, 1))];
const sha256 = (...parts: Buffer[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');

/** MTH as RFC 6962 writes it, over all leaves: the naive model. */
function mth(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.from([0]), leaves[0]!);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(Buffer.from([1]), mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}
const entry = (i: number): Buffer => hash('sha256', `entry ${i}`, 'buffer');
const entries = (from: number, count: number): Buffer[] => Array.from({ length: count }, (_, i) => entry(from + i));

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'holdfast-log-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const open = async (): Promise<TileLog> => TileLog.takeOver(await DirectoryLogStore.open(folder), ORIGIN, KEYS);
const rootOf = (log: TileLog): Buffer => readCheckpoint(readNote(log.checkpoint).text).root;

/** Sizes of batches: small ones, and such as cross tiles. */
const batches = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 200, max: 700 })), {
  maxLength: 8,
});

describe('a log of tiles', () => {
  it('is the naive tree, whoever takes it over, and proves every entry and every beginning', async () => {
    await fc.assert(
      fc.asyncProperty(
        batches,
        fc.infiniteStream(fc.boolean()),
        fc.infiniteStream(fc.nat()),
        async (sizes, again, some) => {
          rmSync(folder, { recursive: true, force: true });
          let log = await open();
          const roots = new Map<number, Buffer>([[0, rootOf(log)]]);
          for (const size of sizes) {
            if (again.next().value) log = await open();
            await log.append(entries(log.size, size));
            await log.publish();
            roots.set(log.size, rootOf(log));
          }
          const all = entries(0, log.size);
          const note = readNote(log.checkpoint);
          expect(isSignedBy(note, KEYS[0]!)).toBe(true);
          expect(readCheckpoint(note.text)).toEqual({ origin: ORIGIN, size: all.length, root: mth(all) });
          for (const [first, root] of roots) {
            expect(root).toEqual(mth(all.slice(0, first)));
            const proof = await log.consistency(first, log.size);
            expect(verifyConsistency(first, log.size, root, mth(all), proof)).toBe(true);
            if (first > 0 && first < log.size)
              expect(verifyConsistency(first, log.size, sha256(root), mth(all), proof)).toBe(false);
          }
          for (let i = 0; i < 5 && log.size > 0; i++) {
            const size = 1 + (some.next().value % log.size);
            const index = some.next().value % size;
            const proof = await log.inclusion(index, size);
            expect(verifyInclusion(leafHash(entry(index)), index, size, proof, mth(all.slice(0, size)))).toBe(true);
            expect(verifyInclusion(leafHash(entry(index + 1)), index, size, proof, mth(all.slice(0, size)))).toBe(
              false,
            );
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('publishes tiles and bundles as tlog-tiles has them', async () => {
    const log = await open();
    for (const size of [255, 1, 1, 66_000]) {
      await log.append(entries(log.size, size));
      await log.publish();
    }
    const { size } = log;
    const first = (await log.file('tile/0/000'))!;
    expect(first).toEqual(Buffer.concat(entries(0, 256).map(leafHash)));
    const width = widthIn(size, 1, 1);
    const second = (await log.file(tilePath({ level: 1, index: 1, width })))!;
    expect(second.subarray(0, 32)).toEqual(mth(entries(65_536, 256)));
    expect((await log.file('tile/2/000.p/1'))!).toEqual(mth(entries(0, 65_536)));
    const last = (await log.file(bundlePath(257, widthIn(size, 0, 257))))!;
    expect(entriesOf(last)).toEqual(entries(257 * 256, widthIn(size, 0, 257)));
    expect((await log.file('checkpoint'))!.toString()).toBe(log.checkpoint);
  });

  it('has one owner: who was superseded adds nothing, also after commits were forgotten, and changes no file', async () => {
    const stale = await open();
    await stale.append(entries(0, 300));
    await stale.publish();
    const owner = await open();
    for (let i = 0; i < 100; i++) {
      await owner.append(entries(owner.size, 7));
      await owner.publish();
    }
    const isForgotten = () => readdirSync(join(folder, 'commits')).length < 70;
    for (const until = Date.now() + 20_000; !isForgotten() && Date.now() < until;) await pause(10);
    expect(isForgotten()).toBe(true);
    await expect(stale.append([Buffer.from('of a stale owner')])).rejects.toThrow(SupersededError);
    const next = await open();
    expect(rootOf(next)).toEqual(mth(entries(0, 1000)));
    await expect(owner.append([entry(1)])).rejects.toThrow(SupersededError);
    expect(readdirSync(join(folder, 'commits')).filter((name) => name.startsWith('draft'))).toEqual([]);
  });

  it('loses nothing that was committed when tiles were not written', async () => {
    const log = await open();
    await log.append(entries(0, 700)); // and the process ends
    const next = await open();
    expect([next.size, rootOf(next)]).toEqual([700, mth(entries(0, 700))]);
    expect(await next.file('tile/0/001')).toBeDefined();
  });

  it('refuses a directory that was tampered with, or is of another log', async () => {
    const log = await open();
    await log.append(entries(0, 10));
    await log.publish();
    const store = await DirectoryLogStore.open(folder);
    await expect(TileLog.takeOver(store, 'other.example/log', KEYS)).rejects.toThrow(/another name/);
    const { number, bytes } = (await store.commits()).at(-1)!;
    const commit = JSON.parse(bytes.toString()) as { entries: string[] };
    commit.entries[3] = entry(99).toString('base64');
    await store.put(`commits/commit.${number}`, Buffer.from(JSON.stringify(commit)));
    await expect(open()).rejects.toThrow(/contradicts/);
  });
});
