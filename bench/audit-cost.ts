import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfiguration } from '@holdfast/platform/config';
import { startEmbeddedClickHouse } from '@holdfast/platform/testing';
import { startAuditLog } from '@holdfast/platform/testing/audit-log';
import { UNAUDITED } from '@holdfast/platform/testing/unaudited';
import { Client, Connection } from '@temporalio/client';
import { createApi } from '../apps/api/main';
import { type Benchmark, percentile, rounded } from './benchmark';
import { call } from './client';

const silent = {
  log: () => undefined,
  error: () => undefined,
  warn: () => undefined,
  debug: () => undefined,
  verbose: () => undefined,
  fatal: () => undefined,
};

const LOOK = '/v1/keys?limit=1';

export const auditCost: Benchmark = {
  name: 'audit-cost',
  about:
    'what the audit log adds to one GET and one POST, one after the other, against the same API without it (--calls 300)',
  async run(options) {
    const calls = Number(options['calls'] ?? 300);
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-audit-'));
    const engine = await startEmbeddedClickHouse();
    const log = await startAuditLog(engine);
    const keyFile = join(folder, 'admin.key');
    const environment = { ...log.environment, HOLDFAST_ADMIN_KEY_FILE: keyFile, LOG_LEVEL: 'silent' };
    const temporal = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
    const start = async (isAudited: boolean) => {
      const { app } = await createApi({
        ...{ configuration: readConfiguration(environment), temporal, logger: silent },
        ...(!isAudited && { auditor: UNAUDITED }),
      });
      await app.listen(0, '127.0.0.1');
      return { app, url: `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}` };
    };
    const audited = await start(true);
    const bare = await start(false);
    const key = readFileSync(keyFile, 'utf8').trim();
    const revoke = (url: string) => call({ url, key }, 'DELETE', '/v1/keys/00000000000000000000');
    const timed = async (run: () => Promise<unknown>): Promise<number> => {
      const startedAt = performance.now();
      await run();
      return performance.now() - startedAt;
    };
    try {
      const found: Record<'get' | 'getBare' | 'change' | 'changeBare', number[]> = {
        ...{ get: [], getBare: [], change: [], changeBare: [] },
      };
      for (let i = 0; i < calls + 20; i++) {
        const round = {
          getBare: await timed(() => call({ url: bare.url, key }, 'GET', LOOK)),
          get: await timed(() => call({ url: audited.url, key }, 'GET', LOOK)),
          changeBare: await timed(() => revoke(bare.url)),
          change: await timed(() => revoke(audited.url)),
        };
        if (i < 20) continue; // warm
        for (const name of Object.keys(found) as (keyof typeof found)[]) found[name].push(round[name]);
      }
      const p50 = (name: keyof typeof found): number => percentile(found[name], 0.5);
      const p99 = (name: keyof typeof found): number => percentile(found[name], 0.99);
      return {
        ...{
          figure: rounded(p50('get') - p50('getBare'), 1),
          unit: 'ms added to a GET',
          baseline: rounded(p50('getBare'), 1),
        },
        ratio: rounded(p50('get') / p50('getBare')),
        ...{
          get_p50_ms: rounded(p50('get'), 1),
          get_p99_ms: rounded(p99('get'), 1),
          bare_get_p99_ms: rounded(p99('getBare'), 1),
        },
        ...{ change_p50_ms: rounded(p50('change'), 1), bare_change_p50_ms: rounded(p50('changeBare'), 1) },
        ...{ change_p99_ms: rounded(p99('change'), 1), bare_change_p99_ms: rounded(p99('changeBare'), 1) },
      };
    } finally {
      await audited.app.close();
      await bare.app.close();
      await log.stop();
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
