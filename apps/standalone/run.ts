import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { NotAcquiredError } from '@holdfast/platform/temporal-server/acquisition';
import { DirectoryInUseError } from './data-directory';
import { PortInUseError } from './ports';
import { NO_KEY_FILE, StackError, startStack, type Stack } from './stack';

export interface RunOptions {
  readonly dataDir: string;
  readonly port: number | undefined;
  /** Makes another key of the administrator where the key file is gone. */
  readonly newAdminKey?: boolean;
  /** Says where it is as one JSON document. */
  readonly json?: boolean;
}

const EXIT = { ok: 0, failed: 1, interrupted: 130 } as const;

/**
 * Runs a stack until SIGINT or SIGTERM, and says where it is.
 * @returns the exit code of the process
 */
export async function runStandalone({ dataDir, port, newAdminKey, json = false }: RunOptions): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const interrupted = new AbortController();
  const signal = firstSignal(() => {
    say('stopping: API, worker, audit log, Temporal, ClickHouse ... (once more: at once)');
    interrupted.abort();
  });
  try {
    const stack = await startStack({
      dataDir,
      port,
      onProgress: (message) => say(`  ${message}`),
      signal: interrupted.signal,
      ...(newAdminKey && { env: { HOLDFAST_NEW_ADMIN_KEY: 'true' } }),
    });
    process.stdout.write(json ? `${JSON.stringify(placesOf(stack))}\n` : welcome(stack));
    await signal;
    await stack.stop();
    say('stopped; nothing is lost, start again to go on');
    return EXIT.ok;
  } catch (error) {
    if (interrupted.signal.aborted && error === interrupted.signal.reason) return EXIT.interrupted;
    say(explain(error));
    return EXIT.failed;
  }
}

/** Resolves at the first SIGINT or SIGTERM; the second ends this process, and with it, a moment later, its children. */
async function firstSignal(onFirst: () => void): Promise<undefined> {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => process.exit(EXIT.interrupted));
  onFirst();
  return undefined;
}

/** What a person can do something about, without a stack trace. */
function explain(error: unknown): string {
  const ours = [DirectoryInUseError, PortInUseError, StackError, NotAcquiredError];
  if (ours.some((kind) => error instanceof kind)) return (error as Error).message;
  return `could not start: ${error instanceof Error ? error.message : String(error)}`;
}

const placesOf = ({ url, temporalUi, adminKeyFile, dataDir, startedInMs }: Stack) => ({
  url,
  openApi: `${url}/docs`,
  temporalUi,
  ...(existsSync(adminKeyFile) && { keyFile: adminKeyFile }),
  data: dataDir,
  startedInMs,
});

function welcome(stack: Stack): string {
  const { url, openApi, temporalUi, keyFile, data, startedInMs } = placesOf(stack);
  const lines: (readonly [string, string])[] = [
    ['API', url],
    ['OpenAPI page', openApi],
    ...(temporalUi === undefined ? [] : [['Temporal UI', temporalUi] as const]),
    ['key', keyFile === undefined ? NO_KEY_FILE : `${keyFile} (the administrator's; keep it to yourself)`],
    ['data and logs', data],
  ];
  const rows = lines.map(([name, value]) => `  ${`${name}:`.padEnd(15)}${value}`);
  return [`Holdfast is ready after ${(startedInMs / 1000).toFixed(1)} s`, ...rows, '  Ctrl-C stops it', ''].join('\n');
}
