import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { freePort } from '@holdfast/platform/processes';
import { ApiClient, ProblemError } from '../../apps/cli/api-client';
import { CliError, EXIT } from '../../apps/cli/exit';
import { startStack, type Stack } from '../../apps/standalone/stack';
import { EmulatedPagerDuty } from './emulated-pagerduty';

/** Names of the routing keys, one a level. */
export const LEVELS = ['level-1', 'level-2'] as const;
/** How long anything may take until it counts as not happening: a call whose answer got lost keeps its Idempotency-Key for 45 s. */
export const PATIENCE_MS = 240_000;

/** What happens on the stage is read from the engine itself, not from what the API says of it. */
export interface Engine {
  rows<T>(
    query: string,
    params: Readonly<Record<string, unknown>>,
    settings?: Readonly<Record<string, number>>,
  ): Promise<T[]>;
  /** Merges all parts of a table, which makes their projections. */
  merge(table: string): Promise<void>;
}

/** Everything that a round of faults plays on: supervised processes on a directory of their own, and an emulated PagerDuty. */
export interface Stage {
  readonly stack: Stack;
  readonly pagerDuty: EmulatedPagerDuty;
  readonly engine: Engine;
  /** A client that repeats what it may, for `patienceMs`; `onRetry` hears each repeat. */
  client(onRetry?: () => void, patienceMs?: number): ApiClient;
  /** Stops everything. @param keep leaves the directory with its logs behind, and says where it is */
  close(keep: boolean): Promise<void>;
}

/** Servers of the developer's environment are none of ours to kill, and people behind real routing keys none to page. */
const FOREIGN = /^(CLICKHOUSE_|TEMPORAL_ADDRESS|TEMPORAL_NAMESPACE|HOLDFAST_(?!TEST|FAULT))/;

export async function openStage(env: Readonly<Record<string, string>> = {}): Promise<Stage> {
  for (const name of Object.keys(process.env)) if (FOREIGN.test(name)) Reflect.deleteProperty(process.env, name);
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-faults-'));
  const pagerDuty = await EmulatedPagerDuty.plan(LEVELS);
  const stack = await startStack({
    dataDir,
    port: await freePort(),
    freePorts: true,
    env: { LOG_LEVEL: 'info', ...pagerDuty.env, ...env },
    onProgress: () => undefined,
  });
  await pagerDuty.start(stack);
  const engine = engineOf(stack);
  const key = stack.adminKey();
  return {
    stack,
    pagerDuty,
    engine,
    client: (onRetry = () => undefined, patienceMs = PATIENCE_MS) =>
      new ApiClient({ url: stack.url, key, patienceMs, onRetry }),
    close: async (keep) => {
      await engine.close();
      await stack.stop();
      if (keep) process.stderr.write(`the logs of the failed run are in ${join(dataDir, 'logs')}\n`);
      else rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function engineOf({ clickhouse: { url, password } }: Stack): Engine & { close(): Promise<void> } {
  const client: ClickHouseClient = createClient({
    url,
    database: 'app',
    username: 'default',
    password: password ?? '',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
    log: { level: ClickHouseLogLevel.OFF }, // errors reach the test anyway
  });
  return {
    merge: async (table) => {
      await client.command({ query: `OPTIMIZE TABLE ${table} FINAL` });
    },
    rows: async <T>(query: string, query_params: Readonly<Record<string, unknown>>, settings = {}): Promise<T[]> => {
      const answer = await client.query({
        query,
        query_params: { ...query_params },
        format: 'JSONEachRow',
        clickhouse_settings: settings,
      });
      return answer.json<T>();
    },
    close: () => client.close(),
  };
}

/** Looks until there is something to see. @throws Error saying what did not come */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>, everyMs = 150): Promise<T> {
  for (const until = performance.now() + PATIENCE_MS; ;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > until) throw new Error(`within ${PATIENCE_MS / 1000} s this did not happen: ${what}`);
    await pause(everyMs);
  }
}

/**
 * Opens a window, or finds it open. Each try is a call of its own: a key that was used by a call whose process was killed is held for 45 s, and a
 * window that was opened before is answered as it is.
 * @returns its id
 */
export function openWindow(
  { client }: Stage,
  window: { readonly process: string; readonly from: string; readonly to: string },
  onRetry: () => void,
): Promise<string> {
  const once = client(undefined, 0);
  return eventually(`the window of ${window.process} is open`, async () => {
    try {
      return (await once.post<{ id: string }>('/v1/reconciliations', window)).id;
    } catch (error) {
      if (!(error instanceof CliError && error.exit === EXIT.unavailable)) throw error;
      onRetry();
      return undefined;
    }
  });
}

/** Makes a document that nobody else makes. */
export async function create(api: ApiClient, path: string, body: object): Promise<void> {
  await api.put(path, body, undefined).catch((error: unknown) => {
    // The first try of it was carried out, and its answer got lost.
    if (!(error instanceof ProblemError && error.problem.code === 'document_exists')) throw error;
  });
}

/** A day that is over on every clock, so that its windows can be judged at once. */
export const DAY = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10);
