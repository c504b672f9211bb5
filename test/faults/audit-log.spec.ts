import { setTimeout as pause } from 'node:timers/promises';
import { AuditLogClient } from '@holdfast/domains/audit/audit-log.client';
import { AuditService } from '@holdfast/domains/audit/audit.service';
import { AuditStore } from '@holdfast/domains/audit/audit.store';
import { readEntry } from '@holdfast/domains/audit/core/entry';
import { ClickHouse } from '@holdfast/platform/clickhouse';
import { readConfiguration } from '@holdfast/platform/config';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';
import { startAuditLog, type TestAuditLog } from '@holdfast/platform/testing/audit-log';
import { verifyLog } from '../../apps/cli/audit/verify-copy';

/** Kills of one run; `HOLDFAST_FAULT_ROUNDS` asks for more. */
const KILLS = 6 * Number(process.env['HOLDFAST_FAULT_ROUNDS'] ?? 1);
const APPENDERS = 8;

let engine: EmbeddedClickHouse;
let log: TestAuditLog;
let clickhouse: ClickHouse;
beforeAll(async () => {
  engine = await startEmbeddedClickHouse();
  log = await startAuditLog(engine);
  const { url, password } = engine;
  clickhouse = new ClickHouse({ url, password, username: 'default', database: 'app' });
});
afterAll(async () => {
  await clickhouse?.close();
  await log?.stop();
  await engine?.stop();
});

test('kill -9 of the audit log at any moment loses no acknowledged entry, doubles none, and breaks no proof', async () => {
  const client = new AuditLogClient(readConfiguration(log.environment));
  const store = new AuditStore(clickhouse);
  const audit = new AuditService(client, store);
  const acknowledged = new Map<string, number>();
  const checkpoints: string[] = [];
  let isOver = false;
  const append = async (appender: number): Promise<void> => {
    for (let i = 0; !isOver; i++) {
      const id = `appender-${appender}/${i}`;
      const action = { kind: 'change', action: 'probe.tried', actor: 'probe', actorKind: 'system' } as const;
      const subject = { kind: 'probe', id };
      for (let isIn = false; !isIn;)
        isIn = await audit
          .record({ ...action, subject, outcome: 'success' }, id)
          .then((sequence) => Boolean(acknowledged.set(id, sequence)))
          .catch(() => false); // sent again under its id
    }
  };
  const appenders = Array.from({ length: APPENDERS }, (_, i) => append(i));
  for (let kill = 0; kill < KILLS; kill++) {
    const before = acknowledged.size;
    while (acknowledged.size < before + 20 + kill * 7) await pause(5);
    checkpoints.push(await audit.checkpoint());
    await log.kill();
    await log.restart();
  }
  isOver = true;
  await Promise.all(appenders);

  const { keys, size } = await audit.state();
  const rows = await store.rows(0, Number.MAX_SAFE_INTEGER, 1_000_000);
  const lines = rows.map(({ sequence, commit, salt, entry }) => `${sequence} ${commit} ${salt} ${entry}\n`);
  const report = await verifyLog({
    ...{
      checkpoint: await audit.checkpoint(),
      keys,
      earlier: checkpoints,
      file: (path) => client.file(`/${path}`).catch(() => undefined),
    },
    rows: (async function* () {
      yield Buffer.from(lines.join(''));
    })(),
  });
  expect(report).toMatchObject({ faults: [], size });
  const listed = await audit.entries({}, undefined, size);
  const places = new Map(listed.map(({ id, sequence }) => [id, sequence]));
  expect(listed.filter(({ action }) => action === 'probe.tried').length).toBe(
    new Set(listed.filter(({ action }) => action === 'probe.tried').map(({ id }) => id)).size,
  );
  for (const [id, sequence] of acknowledged) expect([id, places.get(id)]).toEqual([id, sequence]);
  expect(listed.filter(({ action }) => action === 'log.opened')).toHaveLength(KILLS + 1);
  expect(readEntry(rows[0]!.entry).action).toBe('log.opened');
  client.onApplicationShutdown();
}, 300_000);
