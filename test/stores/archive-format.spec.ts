import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { pathToFileURL } from 'node:url';
import { archivePeers, type Peer, startVersitygw } from '@holdfast/platform/testing/archive-peers';
import { archivePartsOf } from '../integration/archive-parts';
import { event, intakeSuite } from '../intake/stack';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-archives-'));
const suite = intakeSuite({
  HOLDFAST_ARCHIVE_KEY_RING: pathToFileURL(join(folder, 'ring.json')).href,
  HOLDFAST_STATEMENT_KEYS: new Map([['first', Buffer.alloc(32, 5)]]),
});
const now = (): number => Date.now() * 1000;
const period = new Date().toISOString().slice(0, 7).replace('-', '');
let gateway: Peer;
beforeAll(async () => {
  gateway = await startVersitygw(archivePeers());
  Object.assign(process.env, gateway.credentials);
  const admin = new S3Client({ region: 'us-east-1', endpoint: gateway.url, forcePathStyle: true });
  await admin.send(new CreateBucketCommand({ Bucket: 'archives', ObjectLockEnabledForBucket: true }));
  admin.destroy();
}, 600_000);
afterAll(async () => {
  await gateway?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Reads a Parquet file with pyarrow: its schema, its rows, and the statistics of a column. */
const PYTHON = `
import json, sys, pyarrow.parquet as pq
file = pq.ParquetFile(sys.argv[1])
table = file.read()
stats = file.metadata.row_group(0)
column = next(stats.column(i) for i in range(stats.num_columns) if stats.column(i).path_in_schema == 'key')
rows = table.select(['id', 'key', 'attempt', 'sequence', 'sign', 'test', 'data', 'class', 'outcome']).to_pylist()
print(json.dumps({
  'schema': {field.name: str(field.type) for field in table.schema},
  'compression': column.compression,
  'key': [column.statistics.min, column.statistics.max],
  'rows': sorted(rows, key=lambda row: row['id']),
  'origins': sorted({value.isoformat() for value in table['origin_at'].to_pylist()}),
}))
`;

test('another reader of Parquet reads an archive out of a store with object locks', async () => {
  const records: any[] = Array.from({ length: 50 }, (_, index) => ({
    ...event({
      id: `e${String(index).padStart(2, '0')}`,
      key: `K${index % 5}`,
      data: { amount: index, name: 'größe' },
    }),
    ...(index % 2 === 0 && { sequence: index }),
  }));
  expect((await suite.stack.post(records)).body).toMatchObject({ stored: 50 });
  const parts = archivePartsOf(suite.stack, `s3://archives/x?endpoint=${gateway.url}`);
  const retainUntil = (Math.ceil(Date.now() / 1000) + 3_600) * 1_000_000;
  const request = {
    archive: 'a1',
    class: 'standard',
    period,
    policy: '',
    policyVersion: 0,
    retainUntil,
    requestedBy: 'a',
  };
  await parts.writer.plan(request, now());
  const { object, objectVersion } = await parts.writer.writeObject('a1', 0, now());
  await parts.writer.finish('a1', now());
  expect(await parts.verifier.verify('a1', () => undefined)).toMatchObject({ fault: '', rows: 50 });
  await parts.writer.lock('a1');
  const store = await parts.storage.store();
  await expect(store.delete(object, objectVersion)).rejects.toMatchObject({ code: 'object_locked' });
  expect((await parts.query.query('a1', { key: 'K3' }, 100)).records).toHaveLength(10);

  const open = await parts.reader.open('a1');
  const pieces: Buffer[] = [];
  for await (const piece of parts.reader.parquet(open, open.manifest.objects[0]!)) pieces.push(piece);
  const file = join(folder, 'plain.parquet');
  writeFileSync(file, Buffer.concat(pieces));
  const found = JSON.parse(execFileSync(archivePeers().python, ['-c', PYTHON, file], { encoding: 'utf8' }));
  expect(found.compression).toBe('ZSTD');
  expect(found.key).toEqual(['K0', 'K4']);
  expect(found.origins).toEqual(['2026-11-20T09:00:00+00:00']);
  expect(found.schema).toMatchObject({
    ...{ process: 'string', origin_at: 'timestamp[us, tz=UTC]', sequence: 'uint64', test: 'bool', sign: 'int8' },
    ...{ identity: 'fixed_size_binary[16]', attempt: 'uint16', weight: 'double', personal: 'string' },
  });
  expect(Object.keys(found.schema)).toHaveLength(42);
  expect(found.rows).toEqual(
    records.map(({ id, key, data }, index) => ({
      ...{ id, key, attempt: 1, sequence: index % 2 === 0 ? index : null, sign: 1, test: false },
      ...{ data: JSON.stringify(data), class: 'standard', outcome: 'stored' },
    })),
  );
});
