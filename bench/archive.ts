import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { ArchiveKeys } from '@holdfast/domains/archives/archive-keys';
import { ArchiveKeysStore } from '@holdfast/domains/archives/archive-keys.store';
import { ArchiveReader } from '@holdfast/domains/archives/archive-reader';
import { ArchiveStorage } from '@holdfast/domains/archives/archive-storage';
import { ArchiveVerifier } from '@holdfast/domains/archives/archive-verifier.service';
import { ArchiveWriter } from '@holdfast/domains/archives/archive-writer.service';
import { ArchivedRowsStore } from '@holdfast/domains/archives/archived-rows.store';
import { ArchivesStore } from '@holdfast/domains/archives/archives.store';
import type { ArchiveRequest } from '@holdfast/domains/archives/core/archive';
import { ClickHouse, migrate } from '@holdfast/platform/clickhouse';
import { startEmbeddedClickHouse } from '@holdfast/platform/clickhouse/embedded-engine';
import { readConfiguration } from '@holdfast/platform/config';
import { Signing } from '@holdfast/platform/signing';
import { type Benchmark, median, rounded } from './benchmark';

const now = (): number => Date.now() * 1000;
/** Rows of one partition, sizes and repetitions as they are in practice; `share` of them have something personal. */
const fill = (rows: number, period: string, share: number): string => `INSERT INTO tracking_records
(process, key, stage, source, id, attempt, type, outcome, occurred_at, origin_at, received_at, correlation_id, sequence, identity, payload_hash, sign, digest, definition, agreed, categories, sensitivity, data)
SELECT
  'order-to-cash', concat('ORD-', leftPad(toString(intDiv(number, 3)), 9, '0')), ['shop', 'hub', 'erp'][number % 3 + 1], ['shop', 'hub', 'erp'][number % 3 + 1],
  concat('e-', lower(hex(sipHash128(number)))), 1, ['order.placed', 'order.forwarded', 'order.booked'][number % 3 + 1], 'stored',
  addSeconds(toDateTime64('${period}-02 00:00:00', 6, 'UTC'), intDiv(number, 60)) AS t, t, addSeconds(t, 5), lower(hex(sipHash64(intDiv(number, 3)))), number,
  unhex(hex(sipHash128(number, 1))), sipHash64(number, 2), 1, reinterpretAsInt64(sipHash64(number, 3)), 7, concat('["', toString(number % 20000 / 100), '","EUR"]'),
  if(sipHash64(number, 4) % 100 < ${share}, 'gdpr_personal', ''), 'public',
  concat('{"amount":', toString(number % 20000 / 100), ',"currency":"EUR","customer":{"id":"C', toString(sipHash64(number, 5) % 100000), '","city":"', ['Berlin', 'Lyon', 'Porto', 'Turku'][number % 4 + 1],
    '"},"lines":[{"sku":"SKU-', toString(sipHash64(number, 6) % 5000), '","quantity":', toString(number % 3 + 1), '},{"sku":"SKU-', toString(sipHash64(number, 7) % 5000), '","quantity":1}],"session":"', lower(hex(sipHash128(number, 8))), '"}')
FROM numbers(${rows})
SETTINGS max_insert_threads = 1`;

const months = (period: string): string => period.replace('-', '');

async function withParts<T>(run: (parts: Parts, clickhouse: ClickHouse, folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-archive-'));
  const engine = await startEmbeddedClickHouse();
  const clickhouse = new ClickHouse({
    url: engine.url,
    username: 'default',
    password: engine.password,
    database: 'app',
  });
  try {
    await migrate(clickhouse, () => undefined);
    return await run(partsOf(clickhouse, folder), clickhouse, folder);
  } finally {
    await clickhouse.close();
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Parts = ReturnType<typeof partsOf>;
function partsOf(clickhouse: ClickHouse, folder: string) {
  const configuration = readConfiguration({
    HOLDFAST_ARCHIVE_STORE: pathToFileURL(join(folder, 'store')).href,
    HOLDFAST_ARCHIVE_KEY_RING: pathToFileURL(join(folder, 'ring.json')).href,
    HOLDFAST_STATEMENT_KEYS: `bench=${Buffer.alloc(32, 1).toString('base64')}`,
  });
  const [archives, rows] = [new ArchivesStore(clickhouse), new ArchivedRowsStore(clickhouse)];
  const storage = new ArchiveStorage(configuration);
  const signing = new Signing(configuration);
  const keys = new ArchiveKeys(new ArchiveKeysStore(clickhouse), rows, storage);
  const reader = new ArchiveReader(archives, keys, storage, signing);
  return {
    ...{ archives, rows },
    writer: new ArchiveWriter(archives, rows, keys, storage, signing),
    verifier: new ArchiveVerifier(archives, reader, rows),
  };
}

/** Writes an archive and reads it back, verified. @returns seconds of each, bytes, and the most memory that this process took meanwhile */
async function archived({ writer, verifier, archives }: Parts, archive: string, period: string) {
  const request: ArchiveRequest = {
    ...{ archive, class: 'standard', period: months(period), policy: '', policyVersion: 0 },
    ...{ retainUntil: 0, requestedBy: 'bench' },
  };
  let most = 0;
  const sampling = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 50);
  const started = performance.now();
  const objects = await writer.plan(request, now());
  for (let number = 0; number < objects; number++) await writer.writeObject(archive, number, now());
  await writer.finish(archive, now());
  const written = performance.now();
  const { fault, rows } = await verifier.verify(archive, () => undefined);
  const verified = performance.now();
  clearInterval(sampling);
  if (fault !== '') throw new Error(`the archive is wrong: ${fault}`);
  const bytes = (await archives.objects(archive)).reduce((sum, { plainBytes }) => sum + plainBytes, 0);
  return { rows, objects, bytes, most, write: (written - started) / 1000, verify: (verified - written) / 1000 };
}

/** The engine's own export of the same rows, to a file that is on disk at the end. */
async function exported({ rows }: Parts, folder: string, period: string): Promise<{ seconds: number; bytes: number }> {
  const file = join(folder, 'plain.parquet');
  const whole = { fromProcess: '', fromHour: 0, toProcess: '~', toHour: 4_000_000_000 };
  const started = performance.now();
  await pipeline(
    rows.export({ class: 'standard', period: months(period) }, whole, undefined),
    createWriteStream(file, { highWaterMark: 1024 * 1024 }),
  );
  const handle = await open(file, 'r');
  await handle.sync();
  await handle.close();
  const seconds = (performance.now() - started) / 1000;
  const { size: bytes } = await stat(file);
  rmSync(file);
  return { seconds, bytes };
}

export const archive: Benchmark = {
  name: 'archive',
  about:
    "rows archived a second, sealed and verified from the store, against the engine's plain Parquet export of the same rows; memory over ten times as many (--rows 2000000)",
  async run(options) {
    const rows = Number(options['rows'] ?? 2_000_000);
    const rounds = Number(options['rounds'] ?? 3);
    return withParts(async (parts, clickhouse, folder) => {
      const [small, large, personal] = ['2026-01', '2026-02', '2026-03'] as const;
      await clickhouse.command(fill(rows / 10, small, 0));
      await clickhouse.command(fill(rows, large, 0));
      await clickhouse.command(fill(rows / 10, personal, 20));
      const first = await archived(parts, 'small', small);
      const [plain, sealed]: [number[], Awaited<ReturnType<typeof archived>>[]] = [[], []];
      for (let round = 0; round < rounds; round++) {
        const { seconds, bytes } = await exported(parts, folder, large);
        plain.push(rows / seconds);
        const found = await archived(parts, `large-${round}`, large);
        sealed.push(found);
        console.error(
          `round ${round}: plain ${seconds.toFixed(1)} s (${(bytes / 1e6).toFixed(0)} MB), written ${found.write.toFixed(1)} s, verified ${found.verify.toFixed(1)} s, ${(found.most / 1e6).toFixed(0)} MB of memory`,
        );
      }
      const withPeople = await archived(parts, 'personal', personal);
      const figure = median(sealed.map(({ write, verify }) => rows / (write + verify)));
      const baseline = median(plain);
      const most = Math.max(...sealed.map((one) => one.most));
      return {
        figure: Math.round(figure),
        unit: 'rows/s',
        baseline: Math.round(baseline),
        ratio: rounded(figure / baseline),
        rows,
        objects: sealed[0]!.objects,
        bytes_per_row: rounded(sealed[0]!.bytes / rows, 1),
        write_only_rows_per_s: Math.round(median(sealed.map(({ write }) => rows / write))),
        memory_mb: rounded(most / 1e6, 0),
        memory_of_a_tenth_mb: rounded(first.most / 1e6, 0),
        memory_growth_mb: rounded((most - first.most) / 1e6, 0),
        with_20_percent_personal_rows_per_s: Math.round(withPeople.rows / (withPeople.write + withPeople.verify)),
      };
    });
  },
};
