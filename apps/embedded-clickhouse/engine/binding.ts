import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What a call of the engine returns. Its counters are of the result for a read, of the file for an insert. */
export interface EngineResult {
  readonly bytes: Buffer;
  readonly rowsRead: number;
  readonly bytesRead: number;
}

declare const handle: unique symbol;
export interface ConnectionHandle {
  readonly [handle]: never;
}

/** The native calls of chdb that are used here; everything else in that package has traps of its own (see the handbook). */
export interface EngineBinding {
  CreateConnection(dataDir: string): ConnectionHandle;
  QueryAsyncConnection(connection: ConnectionHandle, sql: string, defaultFormat: string): Promise<EngineResult>;
  /** Aborts the engine of the whole process when a query still runs on the connection. */
  CloseConnection(connection: ConnectionHandle): void;
}

/** Loads the engine (about 300 MB of memory from now on). The file is addressed by path: the package does not export it. */
export function loadEngine(): EngineBinding {
  // Times without a zone are UTC, whatever the machine's zone is. Read once by the engine, hence before it is loaded.
  process.env['TZ'] = 'UTC';
  const require = createRequire(__filename);
  const loader = require(join(dirname(require.resolve('chdb')), 'dist', 'loader.js')) as {
    loadNative(): EngineBinding;
  };
  return loader.loadNative();
}
