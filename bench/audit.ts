import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLogClient } from '@holdfast/domains/audit/audit-log.client';
import { AuditStore } from '@holdfast/domains/audit/audit.store';
import { commitmentOf, newSalt } from '@holdfast/domains/audit/commitment';
import { canonicalText, type NewEntry } from '@holdfast/domains/audit/core/entry';
import { formatInstant, newId } from '@holdfast/kernel';
import { ClickHouse } from '@holdfast/platform/clickhouse';
import { readConfiguration } from '@holdfast/platform/config';
import { startEmbeddedClickHouse } from '@holdfast/platform/testing';
import { startAuditLog } from '@holdfast/platform/testing/audit-log';
import { DirectoryLogStore, signerKey, TileLog } from '@holdfast/platform/transparency';
import { verifyCopy } from '../apps/cli/audit/verify-copy';
import { type Benchmark, median, percentile, rounded } from './benchmark';

const TARGET = { perSecond: 10_000, proofMs: 5, verifyS: 10 };
const APPENDERS = 2_000;
const ROUNDS = 3;
const BATCH = 2_000;
const PROOFS = 5_000;
const NAME = 'log.example/audit';

const entryOf = (i: number): NewEntry => ({
  ...{ id: newId(), kind: 'access', action: 'GET /v1/alerts/:id', actor: `on-call-${i % 40}`, actorKind: 'person' },
  ...{ subject: { kind: 'alerts', id: `al-${i}` }, outcome: 'success', request: newId() },
  digest: randomBytes(32).toString('hex'),
});
const rowOf = (sequence: number, commit: number, at: string) => ({
  ...{ sequence, commit, at, salt: newSalt() },
  entry: canonicalText(entryOf(sequence), at),
});

/** Many callers, each of which waits for its own entry. @returns entries a second */
async function append(client: AuditLogClient, entries: number): Promise<number> {
  let next = 0;
  const startedAt = performance.now();
  const appender = async (): Promise<void> => {
    while (next < entries) await client.append(entryOf((next += 1)), false);
  };
  await Promise.all(Array.from({ length: APPENDERS }, appender));
  return entries / ((performance.now() - startedAt) / 1000);
}

/** The same rows, bare: one insert after the other. @returns rows a second */
async function insert(store: AuditStore, entries: number, round: number): Promise<number> {
  const at = formatInstant(Date.now() * 1000);
  const rows = Array.from({ length: entries }, (_, i) => rowOf(1e9 + round * entries + i, 1, at));
  const startedAt = performance.now();
  for (let from = 0; from < entries; from += BATCH) await store.insert(rows.slice(from, from + BATCH));
  return entries / ((performance.now() - startedAt) / 1000);
}

/** A log of this size as `audit export` writes it. */
async function writeCopy(folder: string, size: number): Promise<TileLog> {
  const key = signerKey(NAME, Buffer.alloc(32, 1));
  const log = await TileLog.takeOver(await DirectoryLogStore.open(folder), NAME, [key]);
  const out = createWriteStream(join(folder, 'rows.txt'));
  const at = formatInstant(Date.now() * 1000);
  while (log.size < size) {
    const rows = Array.from({ length: 10_000 }, (_, i) => rowOf(log.size + i, log.number + 1, at));
    await log.append(rows.map(({ salt, entry }) => commitmentOf(salt, entry)));
    await log.publish();
    const lines = rows.map(({ sequence, commit, salt, entry }) => `${sequence} ${commit} ${salt} ${entry}\n`).join('');
    if (!out.write(lines)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
  await writeFile(join(folder, 'log.key'), `${key.text}\n`);
  return log;
}

async function measureAppending(entries: number): Promise<{ figure: number; baseline: number }> {
  const engine = await startEmbeddedClickHouse();
  const log = await startAuditLog(engine);
  const client = new AuditLogClient(readConfiguration(log.environment));
  const { url, password } = engine;
  const clickhouse = new ClickHouse({ url, password, username: 'default', database: 'app' });
  const store = new AuditStore(clickhouse);
  try {
    await append(client, 10_000); // warm
    const [figures, baselines]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      baselines.push(await insert(store, entries, round));
      figures.push(await append(client, entries));
      console.error(
        `round ${round + 1}: ${figures.at(-1)!.toFixed(0)} entries/s, bare ${baselines.at(-1)!.toFixed(0)}`,
      );
    }
    return { figure: median(figures), baseline: median(baselines) };
  } finally {
    client.onApplicationShutdown();
    await clickhouse.close();
    await log.stop();
    await engine.stop();
  }
}

export const audit: Benchmark = {
  name: 'audit',
  about:
    'audit entries appended a second, against bare inserts of the same rows; proofs and offline verification at 1 M entries (--entries 50000 --size 1000000)',
  async run(options) {
    const size = Number(options['size'] ?? 1_000_000);
    const { figure, baseline } = await measureAppending(Number(options['entries'] ?? 50_000));
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-audit-'));
    try {
      const log = await writeCopy(folder, size);
      const proofs: number[] = [];
      for (let i = 0; i < PROOFS; i++) {
        const startedAt = performance.now();
        await log.inclusion(Math.floor(Math.random() * log.size), log.size);
        proofs.push(performance.now() - startedAt);
      }
      const startedAt = performance.now();
      const report = await verifyCopy(folder, undefined, []);
      const verifySeconds = (performance.now() - startedAt) / 1000;
      if (report.faultCount > 0 || report.rows !== log.size) throw new Error('the copy does not verify');
      return {
        ...{ figure: rounded(figure, 0), unit: 'entries/s', baseline: rounded(baseline, 0) },
        ...{ ratio: rounded(figure / baseline), target: TARGET.perSecond },
        proof_p99_ms: rounded(percentile(proofs, 0.99)),
        proof_p50_ms: rounded(percentile(proofs, 0.5), 3),
        proof_target_ms: TARGET.proofMs,
        verify_s: rounded(verifySeconds, 1),
        verify_target_s: TARGET.verifyS,
        entries_verified: report.rows,
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
