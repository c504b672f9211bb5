import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
// Not the index: it loads Nest, which takes a while.
import { ConfigurationError, readVariables } from '@holdfast/platform/config/configuration';
import { engineVariables } from '@holdfast/platform/config/variables';

/** What the process is told on its command line and in its environment. */
export interface Options {
  readonly dataDir: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly maxConcurrency: number;
  readonly password: string;
  readonly maxBodyBytes: number;
  /** Where the spool is made, instead of memory or beside the data directory. */
  readonly spoolParent: string | undefined;
  /** What bodies may take together; half of the free space when undefined. */
  readonly maxSpoolBytes: number | undefined;
}

/** Thrown when the process is started wrongly; the message says what to change. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Threads beyond one a query: files, KILL, and connections that are opened ahead. */
const SPARE_THREADS = 8;

/** @throws UsageError */
export function readProcessOptions(argv: readonly string[], env: NodeJS.ProcessEnv): Options {
  const flags = readFlags(argv);
  const data = flags.data;
  if (data === undefined || data === '') throw new UsageError('--data DIR is required');
  const maxConcurrency = wholeNumber('--max-concurrency', flags['max-concurrency'], 1, 1000);
  const threads = Number(env['UV_THREADPOOL_SIZE'] ?? 4);
  const needed = maxConcurrency + SPARE_THREADS;
  if (!(threads >= needed)) {
    throw new UsageError(
      `UV_THREADPOOL_SIZE is ${env['UV_THREADPOOL_SIZE'] ?? 'not set'}: start this process with at least ${needed} (--max-concurrency + ${SPARE_THREADS}), since every running query holds a thread`,
    );
  }
  const { CLICKHOUSE_PASSWORD: password, ...limits } = variablesOf(env);
  if (password === '') throw new UsageError('CLICKHOUSE_PASSWORD is required: the password of the user default');
  const spoolParent = limits.CLICKHOUSE_SPOOL_DIR;
  return {
    dataDir: resolve(data),
    port: wholeNumber('--port', flags.port, 0, 65_535),
    maxConcurrency,
    password,
    maxBodyBytes: limits.CLICKHOUSE_MAX_BODY_BYTES,
    spoolParent: spoolParent === undefined ? undefined : resolve(spoolParent),
    maxSpoolBytes: limits.CLICKHOUSE_MAX_SPOOL_BYTES,
  };
}

function variablesOf(env: NodeJS.ProcessEnv): ReturnType<typeof readVariables<typeof engineVariables>> {
  try {
    return readVariables(engineVariables, env);
  } catch (error) {
    throw error instanceof ConfigurationError ? new UsageError(error.message) : error;
  }
}

function readFlags(argv: readonly string[]): { data?: string; port: string; 'max-concurrency': string } {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        data: { type: 'string' },
        port: { type: 'string', default: '0' },
        'max-concurrency': { type: 'string', default: '16' },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most))
    throw new UsageError(`${name} must be a whole number from ${least} to ${most}`);
  return value;
}
