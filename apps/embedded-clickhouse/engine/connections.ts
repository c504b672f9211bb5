import { quoteIdentifier } from '@holdfast/platform/sql/literals';
import type { ConnectionHandle, EngineBinding, EngineResult } from './binding';

/** One connection of the engine: settings and parameters live in it, so it serves one request and is closed. */
export class EngineConnection {
  #inFlight: Promise<unknown> = Promise.resolve();
  #handle: ConnectionHandle | undefined;
  #database: string | undefined;

  constructor(
    private readonly binding: EngineBinding,
    dataDir: string,
  ) {
    this.#handle = binding.CreateConnection(dataDir);
  }

  /** Runs statements one after the other, in the order of the calls. @throws what the engine says, as an Error */
  run(sql: string, defaultFormat = 'TabSeparated'): Promise<EngineResult> {
    const ran = this.#inFlight.then(() => {
      if (!this.#handle) throw new Error('the connection is closed');
      return this.binding.QueryAsyncConnection(this.#handle, sql, defaultFormat);
    });
    this.#inFlight = ran.catch(() => undefined);
    return ran;
  }

  /** Makes it the database of statements that name none, unless it is already. @throws what the engine says where there is no such database */
  async use(database: string): Promise<void> {
    if (this.#database === database) return;
    await this.run(`USE ${quoteIdentifier(database)}`);
    this.#database = database;
  }

  /** Closes once nothing runs on it: closing under a running query takes the engine down. */
  async close(): Promise<void> {
    await this.#inFlight;
    if (this.#handle) this.binding.CloseConnection(this.#handle);
    this.#handle = undefined;
  }
}

/**
 * Opens connections to one data directory. A few are opened ahead, already in the default database: that takes half a
 * millisecond, which no request has to wait for.
 */
export class EngineConnections {
  readonly #ready: EngineConnection[] = [];
  readonly #all = new Set<EngineConnection>();
  #opening: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly binding: EngineBinding,
    private readonly dataDir: string,
    private readonly database: string,
    private readonly ahead: number,
  ) {}

  /** A connection in no particular database. @throws when another process holds the directory */
  open(): EngineConnection {
    const connection = new EngineConnection(this.binding, this.dataDir);
    this.#all.add(connection);
    return connection;
  }

  /** A fresh connection in the default database. The caller releases it. */
  async take(): Promise<EngineConnection> {
    const connection = this.#ready.pop() ?? (await this.#openInDatabase());
    setImmediate(() => this.#refill());
    return connection;
  }

  async release(connection: EngineConnection): Promise<void> {
    await connection.close();
    this.#all.delete(connection);
  }

  /** Closes every connection on which nothing runs any more; waits for the others. */
  async closeAll(): Promise<void> {
    await this.#opening;
    this.#ready.length = 0;
    await Promise.all([...this.#all].map((connection) => this.release(connection)));
  }

  #refill(): void {
    this.#opening = this.#opening.then(async () => {
      while (this.#ready.length < this.ahead) this.#ready.push(await this.#openInDatabase());
    });
    // Seen by the next request, which opens one itself.
    this.#opening = this.#opening.catch(() => undefined);
  }

  async #openInDatabase(): Promise<EngineConnection> {
    const connection = this.open();
    // The database may have been dropped: then only statements that name another one, or create it again, make sense.
    await connection.use(this.database).catch(() => undefined);
    return connection;
  }
}
