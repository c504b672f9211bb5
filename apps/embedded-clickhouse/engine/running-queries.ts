import { randomBytes } from 'node:crypto';
import { keywordOf } from '../sql/scanner';
import { quoteString } from '@holdfast/platform/sql/literals';
import { tokens } from '@holdfast/platform/sql/tokens';
import type { EngineConnection } from './connections';
import { exception } from './exception';

/** A KILL takes effect between two blocks of a query; until it has, it is repeated after so long. */
const REPEAT_KILL_MS = 100;
/** The engine cuts the text it shows of a running query at 100,000 bytes; a tag behind that would be lost. */
const SHOWN_LENGTH = 50_000;

/**
 * Knows the running queries by their ids. The engine gives queries ids of its own and lets nobody choose them, so each
 * statement carries its id in a comment, and KILL finds it there.
 */
export class RunningQueries {
  /** Keeps text of a statement from passing for a tag. */
  readonly #secret = randomBytes(8).toString('hex');
  readonly #done = new Map<string, Promise<unknown>>();

  /** @param control the connection on which KILL is run: it must not wait for a slot */
  constructor(private readonly control: EngineConnection) {}

  /** Runs a statement under an id. @throws ClickHouseException when a query of that id runs already */
  async run<T>(queryId: string, sql: string, start: (tagged: string) => Promise<T>): Promise<T> {
    if (this.#done.has(queryId)) {
      throw exception('QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING', `Query with id = ${queryId} is already running.`);
    }
    const tag = this.#tag(queryId);
    // At the end, so that the positions in the engine's messages are the client's.
    const result = start(sql.length > SHOWN_LENGTH ? `${tag} ${sql}` : `${sql}\n${tag}`);
    this.#done.set(
      queryId,
      result.catch(() => undefined),
    );
    try {
      return await result;
    } finally {
      this.#done.delete(queryId);
    }
  }

  /** Cancels a query and returns when it is gone. It may not have come to the engine yet, so the KILL is repeated. */
  async cancel(queryId: string): Promise<void> {
    const done = this.#done.get(queryId);
    const tag = quoteString(this.#tag(queryId));
    while (done !== undefined && this.#done.get(queryId) === done) {
      // Never SYNC: it waits for the query while the query may wait for its reader.
      await this.control.run(`KILL QUERY WHERE startsWith(query, ${tag}) OR endsWith(query, ${tag}) ASYNC FORMAT Null`);
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([done, new Promise((resolve) => (timer = setTimeout(resolve, REPEAT_KILL_MS)))]);
      clearTimeout(timer);
    }
  }

  async cancelAll(): Promise<void> {
    await Promise.all([...this.#done.keys()].map((queryId) => this.cancel(queryId)));
  }

  /** A client's KILL QUERY, made to mean the clients' query ids. */
  rewriteKill(sql: string): string {
    const pattern = `/[*]${this.#secret}:([^*]*)[*]/`;
    const clientId = `decodeURLComponent(extract(query, ${quoteString(pattern)}))`;
    let [text, at] = ['', 0];
    for (const token of tokens(sql)) {
      const word = keywordOf(sql, token);
      const isId = word === 'QUERY_ID' || word === 'INITIAL_QUERY_ID';
      if (!isId && word !== 'SYNC') continue;
      text += sql.slice(at, token.start) + (isId ? clientId : 'ASYNC');
      at = token.end;
    }
    return text + sql.slice(at);
  }

  #tag(queryId: string): string {
    return `/*${this.#secret}:${encodeURIComponent(queryId.toWellFormed()).replaceAll('*', '%2A')}*/`;
  }
}
