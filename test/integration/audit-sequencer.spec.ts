import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { ANY, AuditStore } from '@holdfast/domains/audit/audit.store';
import { commitmentOf } from '@holdfast/domains/audit/commitment';
import { canonicalText, OPENED, readEntry, type NewEntry } from '@holdfast/domains/audit/core/entry';
import { OldLogError, Sequencer, type Submission } from '@holdfast/domains/audit/sequencer/sequencer';
import { Witnesses } from '@holdfast/domains/audit/sequencer/witnesses';
import { canonicalText as canonicalJson } from '@holdfast/domains/tracking/core/canonical-json';
import { ClickHouse, migrate } from '@holdfast/platform/clickhouse';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';
import {
  cosign,
  DirectoryLogStore,
  leafHash,
  readCheckpoint,
  readNote,
  SIGNATURE_TYPE,
  signerKey,
  verifyInclusion,
  type LogStore,
  type TileLog,
} from '@holdfast/platform/transparency';
import { verifyLog } from '../../apps/cli/audit/verify-copy';

const ORIGIN = 'log.example/audit';
const KEYS = [signerKey(ORIGIN, Buffer.alloc(32, 1))];

let engine: EmbeddedClickHouse;
let clickhouse: ClickHouse;
let rows: AuditStore;
let folder: string;
let databases = 0;
beforeAll(async () => {
  Logger.overrideLogger(false); // what fails here fails on purpose
  engine = await startEmbeddedClickHouse();
});
afterAll(() => engine?.stop());
beforeEach(async () => {
  const { url, password } = engine;
  const server = new ClickHouse({ url, password, username: 'default', database: 'default' });
  const database = `audit_${(databases += 1)}`;
  await server.command(`CREATE DATABASE ${database}`);
  await server.close();
  clickhouse = new ClickHouse({ url, password, username: 'default', database });
  await migrate(clickhouse, () => undefined);
  rows = new AuditStore(clickhouse);
  folder = mkdtempSync(join(tmpdir(), 'holdfast-sequencer-'));
});
afterEach(async () => {
  await clickhouse.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(store: AuditStore = rows, kept?: LogStore) {
  let superseded = false;
  const sequencer = new Sequencer({
    store: kept ?? (await DirectoryLogStore.open(folder)),
    rows: store,
    origin: ORIGIN,
    keys: KEYS,
    onSuperseded: () => (superseded = true),
  });
  await sequencer.open();
  return { sequencer, isSuperseded: () => superseded };
}
const entry = (id: string, more: Partial<NewEntry> = {}): NewEntry => ({
  ...{ id, kind: 'change', action: 'probe.tried', actor: 'on-call-a', actorKind: 'person', outcome: 'success' },
  ...{ subject: { kind: 'probe', id: 'ü"\\\u2028' }, ...more },
});
const submit = (id: string, mayBeOld = false): Submission => ({ entry: entry(id), mayBeOld });
async function* linesOf(store: AuditStore) {
  for (const row of await store.rows(0, Number.MAX_SAFE_INTEGER, 100_000))
    yield Buffer.from(`${row.sequence} ${row.commit} ${row.salt} ${row.entry}\n`);
}
const verified = (log: TileLog) =>
  verifyLog({
    ...{ checkpoint: log.checkpoint, keys: KEYS.map(({ text }) => text), earlier: [] },
    ...{ file: (path) => log.file(path), rows: linesOf(rows) },
  });

describe('the canonical text of an entry', () => {
  it('is that of RFC 8785, and is read as it was written', () => {
    const text = canonicalText(entry('1'), '2026-11-20T09:30:00Z');
    expect(text).toBe(canonicalJson(JSON.parse(text)));
    expect(readEntry(text)).toMatchObject({ ...entry('1'), at: '2026-11-20T09:30:00Z', count: 1, reason: '' });
  });
});

describe('the sequencer', () => {
  it('says first that it was opened, and proves every entry by salt and text', async () => {
    const { sequencer } = await open();
    const sequences = await sequencer.append(['a', 'b', 'c'].map((id) => submit(id)));
    expect(sequences).toEqual([1, 2, 3]);
    const log = sequencer.published;
    const { root, size } = readCheckpoint(readNote(log.checkpoint).text);
    expect([size, readEntry((await rows.entry(0))!.entry).action]).toEqual([4, OPENED]);
    for (const sequence of sequences) {
      const { salt, entry: text } = (await rows.entry(sequence))!;
      const proof = await log.inclusion(sequence, size);
      expect(verifyInclusion(leafHash(commitmentOf(salt, text)), sequence, size, proof, root)).toBe(true);
    }
    expect(await verified(log)).toMatchObject({ faults: [], rows: 4, size: 4 });
  });

  it('takes an entry once, in one batch, later, after a restart, and when it is long ago', async () => {
    const { sequencer } = await open();
    const first = await Promise.all([
      sequencer.append([submit('x'), submit('y'), submit('x')]),
      sequencer.append([submit('y')]),
    ]);
    expect(first).toEqual([[1, 2, 1], [2]]);
    expect(await sequencer.append([submit('x')])).toEqual([1]);
    await sequencer.close();
    const again = await open();
    expect(await again.sequencer.append([submit('y'), submit('z')])).toEqual([2, 4]);
    // Of what is long ago only the store knows.
    expect(await rows.sequencesOf(['y', 'none'], 5)).toEqual(new Map([['y', 2]]));
    expect(await verified(again.sequencer.published)).toMatchObject({ faults: [], size: 5 });
  });

  it('gives way to one that took over, and what it had under way is no part of the log', async () => {
    const stale = await open();
    await stale.sequencer.append([submit('kept')]);
    const owner = await open();
    await expect(stale.sequencer.append([submit('of the stale one')])).rejects.toMatchObject({
      code: 'audit_unavailable',
    });
    expect(stale.isSuperseded()).toBe(true);
    await expect(stale.sequencer.append([submit('again')])).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await owner.sequencer.append([submit('of the owner')])).toEqual([3]);
    const report = await verified(owner.sequencer.published);
    expect(report).toMatchObject({ faults: [], size: 4, leftBehind: 1 });
    const listed = await rows.entries(ANY, 4, 10);
    expect(listed.map(({ entry: text }) => readEntry(text).id)).not.toContain('of the stale one');
    expect(owner.isSuperseded()).toBe(false);
  });

  it('never confuses rows of an insert that failed late with those that got their sequences', async () => {
    class LateStore extends AuditStore {
      failing = false;
      override async insert(...args: Parameters<AuditStore['insert']>): Promise<void> {
        await super.insert(...args);
        if (this.failing) throw new Error('connection lost'); // after it took effect
      }
    }
    const late = new LateStore(clickhouse);
    const { sequencer } = await open(late);
    late.failing = true;
    await expect(sequencer.append([submit('lost')])).rejects.toMatchObject({ code: 'audit_unavailable' });
    late.failing = false;
    const [other] = await sequencer.append([submit('other')]);
    expect(readEntry((await rows.entry(other!))!.entry).id).toBe('other');
    expect(await sequencer.append([submit('lost', true)])).toEqual([other! + 1]);
    expect(await verified(sequencer.published)).toMatchObject({ faults: [], leftBehind: 1 });
  });

  it.each(['before', 'after'] as const)('goes on when the disk fails %s a commit was made', async (when) => {
    const real = await DirectoryLogStore.open(folder);
    let failing = false;
    const store: LogStore = {
      commits: () => real.commits(),
      forgetBelow: (number, outdated) => real.forgetBelow(number, outdated),
      put: (path, bytes) => real.put(path, bytes),
      get: (path) => real.get(path),
      commit: async (number, bytes) => {
        if (!failing) return real.commit(number, bytes);
        failing = false;
        if (when === 'after') await real.commit(number, bytes);
        throw new Error('no space left on device');
      },
    };
    const { sequencer } = await open(rows, store);
    await sequencer.append([submit('a')]);
    failing = true;
    await expect(sequencer.append([submit('b')])).rejects.toMatchObject({ code: 'audit_unavailable' });
    const [again, next] = await sequencer.append([submit('b'), submit('c')]);
    expect(next! - again!).toBe(when === 'after' ? 2 : 1); // what it says of itself stands between
    const ids = (await rows.entries(ANY, sequencer.published.size, 100)).map(({ entry: text }) => readEntry(text).id);
    expect(ids.filter((id) => ['a', 'b', 'c'].includes(id)).sort()).toEqual(['a', 'b', 'c']);
    expect(await verified(sequencer.published)).toMatchObject({ faults: [], leftBehind: when === 'after' ? 0 : 1 });
  });

  it('answers readers while it writes', async () => {
    const { sequencer } = await open();
    await sequencer.append([submit('first')]);
    const writing = Array.from({ length: 30 }, (_, i) => sequencer.append([submit(`w-${i}`)]));
    let isOver = false;
    const written = Promise.all(writing).finally(() => (isOver = true));
    let asked = 0;
    for (; !isOver; asked++) {
      const log = sequencer.published;
      const [{ size, root }, proof] = [
        readCheckpoint(readNote(log.checkpoint).text),
        await log.consistency(2, log.publishedSize),
      ];
      if (size === log.publishedSize) expect(proof.length > 0 || size === 2).toBe(true);
      expect(root).toHaveLength(32);
      await new Promise((resolve) => setImmediate(resolve)); // what is in memory is answered without a turn of the event loop
    }
    expect([(await written).length, asked > 0]).toEqual([30, true]);
  });

  it('refuses a directory that is older than the rows', async () => {
    const { sequencer } = await open();
    await sequencer.append([submit('a')]);
    await sequencer.append([submit('b')]);
    await sequencer.append([submit('c')]);
    rmSync(folder, { recursive: true });
    await expect(open()).rejects.toThrow(OldLogError);
  });

  it('erases what an entry says, and says so; the log stays whole', async () => {
    const { sequencer } = await open();
    const [sequence] = await sequencer.append([submit('a')]);
    const by = { actor: 'on-call-b', actorKind: 'person', reason: 'erasure/1', request: '' } as const;
    const said = await sequencer.redact(sequence!, by);
    expect(await sequencer.redact(sequence!, by)).toBe(said);
    expect(await rows.entry(sequence!)).toBeUndefined();
    expect(await verified(sequencer.published)).toMatchObject({ faults: [], erased: [sequence], size: 3 });
    await expect(sequencer.redact(said, by)).rejects.toMatchObject({ code: 'audit_entry_permanent' });
    await expect(sequencer.redact(99, by)).rejects.toMatchObject({ code: 'audit_entry_not_found' });
  });

  it('takes co-signatures of known witnesses over what it is, and of nobody else', async () => {
    const { sequencer } = await open();
    await sequencer.append([submit('a')]);
    const witness = signerKey('witness.example/w', Buffer.alloc(32, 5), SIGNATURE_TYPE.cosignature);
    const stranger = signerKey('stranger.example/w', Buffer.alloc(32, 6), SIGNATURE_TYPE.cosignature);
    const witnesses = new Witnesses(await DirectoryLogStore.open(folder), ORIGIN, KEYS, [witness]);
    const log = sequencer.published;
    const note = log.checkpoint;
    const { text } = readNote(note);
    expect(await witnesses.take(note + cosign(text, witness, 1_790_000_000), log)).toEqual([witness.name]);
    expect(await witnesses.list()).toMatchObject([{ witness: witness.name, size: 2, time: 1_790_000_000 }]);
    const refused = async (given: string) =>
      witnesses.take(given, log).catch((error: unknown) => (error as { code: string }).code);
    expect(await refused(note + cosign(text, stranger, 1))).toBe('invalid_cosignature');
    expect(await refused(note + cosign(`${text}x\n`, witness, 1))).toBe('invalid_cosignature');
    expect(await refused(note.replace(ORIGIN, 'other') + cosign(text, witness, 1))).toBe('invalid_cosignature');
    expect(await refused('none')).toBe('invalid_cosignature');
  });
});
