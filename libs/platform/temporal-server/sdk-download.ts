import { existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Runtime } from '@temporalio/worker';
import type { Source } from './acquisition';
import { runLogged } from './run-logged';

/** Without a byte for so long the download counts as refused: many machines may not fetch from anywhere but registries. */
const STALLED_MS = 30_000;

/**
 * Runs in a node process of its own, from its own text, so that the SDK's native runtime neither stays in this process
 * nor can hold it up: has the SDK fetch a server, start it once and stop it. It may use nothing outside itself.
 */
async function downloadAndTry(): Promise<void> {
  const [worker = '', config = ''] = process.argv.slice(1);
  const load = process.getBuiltinModule('node:module').createRequire(worker);
  const sdk = load(worker) as typeof import('@temporalio/worker');
  const server = JSON.parse(config) as Parameters<Runtime['createEphemeralServer']>[0];
  const runtime = sdk.Runtime.instance();
  await runtime.shutdownEphemeralServer(await runtime.createEphemeralServer(server));
}

/** What the SDK names the files that it downloads. */
const KINDS = {
  'dev-server': { prefix: 'temporal', more: { namespace: 'default', ip: '127.0.0.1', uiPort: null, dbFilename: null } },
  'time-skipping': { prefix: 'temporal-test-server', more: {} },
} as const;

/**
 * The Temporal SDK's own download. It is reached through @temporalio/worker, which the product depends on, and not
 * through @temporalio/testing, which only tests have.
 */
export function sdkDownload(type: keyof typeof KINDS, version: string, executable: string): Source {
  const { prefix, more } = KINDS[type];
  return {
    name: "the SDK's own download",
    obtain: async ({ into, scratch, onProgress, signal }) => {
      const file = join(into, `${prefix}-v${version}`);
      const exe = { type: 'cached-download', downloadDir: into, version: `v${version}`, ttl: 365 * 86_400_000 };
      const sdk = { sdkName: 'sdk-typescript', sdkVersion: 'default' };
      const log = { format: 'pretty', level: 'warn' };
      const config = { type, exe: { ...exe, ...sdk }, port: null, ui: false, log, extraArgs: [], ...more };
      const script = `(${downloadAndTry.toString()})().catch((error) => { process.stderr.write(String(error)); process.exit(1); })`;
      const args = ['-e', script, '--', require.resolve('@temporalio/worker'), JSON.stringify(config)];
      let seen = { bytes: 0, atMs: 0 };
      const options = {
        logPath: join(scratch, 'sdk-download.log'),
        doing: () => `downloading by the SDK (${Math.round(seen.bytes / 1e6)} MB so far)`,
        onProgress,
        signal,
        overdue: (elapsedMs: number): string | undefined => {
          const bytes = statSync(`${file}.downloading`, { throwIfNoEntry: false })?.size ?? 0;
          if (bytes !== seen.bytes) seen = { bytes, atMs: elapsedMs };
          return elapsedMs - seen.atMs > STALLED_MS ? `nothing received for ${STALLED_MS / 1000} s` : undefined;
        },
      };
      await runLogged({ command: process.execPath, args }, options).catch((error: unknown) => {
        // Complete but slow to start is good enough: the caller verifies it.
        if (!existsSync(file)) throw error;
      });
      renameSync(file, join(into, executable));
    },
  };
}
