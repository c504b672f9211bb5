import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { newId } from '@holdfast/kernel';
import { quoteIdentifier } from '@holdfast/platform/sql/literals';
import { z } from 'zod';
import type { ClickHouse } from '../clickhouse';
import { sourceFolder } from '../source-folder';
import { readQueryText, typedQuery } from '../typed-query';
import { orNone } from './journal';

/** A query of a release, by the name of its file; or an insert, by its table. */
export interface ReleaseQuery {
  readonly name: string;
  readonly text: string;
}

/** A release as the store sees it: the queries that it asks. */
export interface Release {
  /** Made of its queries: releases that ask the same are the same to a schema. */
  readonly id: string;
  readonly queries: readonly ReleaseQuery[];
}

/** A release that some process runs. */
export interface RunningRelease extends Release {
  /** Host and process id of those that run it. */
  readonly places: readonly string[];
  /** When the last of them was seen, in milliseconds since 1970. */
  readonly seen: number;
}

const HEARTBEAT_MS = 600_000;
/** Three heartbeats: who was silent for longer was ended without a word. */
export const SILENT_AFTER_MS = 3 * HEARTBEAT_MS;
/** How long the end of a process waits for it to be noted. */
const FAREWELL_MS = 2_000;

const listReaders = typedQuery(
  'platform/list_readers',
  z.object({ since: z.int() }),
  z.object({ release: z.string(), place: z.string(), seen: z.coerce.number() }),
);
const countReaders = typedQuery('platform/count_readers', z.object({}), z.object({ readers: z.coerce.number() }));
const listQueries = typedQuery(
  'platform/list_release_queries',
  z.object({ releases: z.array(z.string()) }),
  z.object({ release: z.string(), name: z.string(), text: z.string() }),
);
const Reader = z.object({
  instance: z.string(),
  release: z.string(),
  place: z.string(),
  state: z.enum(['running', 'ended']),
  at: z.string(),
});
const Query = z.object({ release: z.string(), name: z.string(), text: z.string() });

/** The queries that this code asks. */
export function ownRelease(folder = join(sourceFolder, 'queries')): Release {
  const queries = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sql'))
    .map((path) => path.slice(0, -'.sql'.length).replaceAll('\\', '/'))
    .sort()
    .map((name) => ({ name, text: readQueryText(folder, name) }));
  return { id: sha256(JSON.stringify(queries)).slice(0, 12), queries };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Says that this process works on the store, until it ends. */
export class Presence {
  private readonly instance = newId();
  private beating: NodeJS.Timeout | undefined;
  private readonly inserts = new Set<string>();

  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly release: Release = ownRelease(),
    private readonly place = `${hostname()} ${process.pid}`,
  ) {}

  /** Two inserts at once; the queries are stored by the first start of a release. */
  async begin(): Promise<void> {
    const { id, queries } = this.release;
    const rows = queries.map((query) => ({ release: id, ...query }));
    await Promise.all([
      this.say('running'),
      this.clickhouse.insert('schema_reader_queries', Query, rows, { token: id }),
    ]);
    this.clickhouse.onInsert = (table, columns) => this.noteInsert(table, columns);
    this.beating = setInterval(() => void this.say('running').catch(() => undefined), HEARTBEAT_MS).unref();
  }

  /** A store that does not answer hears of it by silence. */
  async end(): Promise<void> {
    clearInterval(this.beating);
    if (this.beating) await this.say('ended', AbortSignal.timeout(FAREWELL_MS)).catch(() => undefined);
  }

  /** What a process writes is known when it does so first. It is stored as a query that the engine can be asked about. */
  private noteInsert(table: string, columns: readonly string[]): void {
    const key = `${table} ${columns.join(' ')}`;
    if (this.inserts.has(key)) return;
    this.inserts.add(key);
    const list = columns.map(quoteIdentifier).join(', ');
    const row = {
      release: this.release.id,
      name: `insert into ${table} (form ${sha256(list).slice(0, 6)})`,
      text: `INSERT INTO ${quoteIdentifier(table)} (${list}) SELECT ${list} FROM ${quoteIdentifier(table)}`,
    };
    void this.clickhouse
      .insert('schema_reader_queries', Query, [row], { token: `${row.release} ${row.name}` })
      .catch(() => this.inserts.delete(key));
  }

  private async say(state: 'running' | 'ended', signal?: AbortSignal): Promise<void> {
    const { instance, place, release } = this;
    const at = new Date().toISOString();
    const row = { instance, release: release.id, place, state, at };
    await this.clickhouse.insert('schema_readers', Reader, [row], signal ? { signal } : {});
  }
}

/** Whether any process has worked on this store: one that nobody has used yet has nobody to wait for. */
export async function wasEverRead(clickhouse: ClickHouse): Promise<boolean> {
  const [found] = await orNone(clickhouse.rows(countReaders, {}));
  return (found?.readers ?? 0) > 0;
}

/** Releases that some process runs now. */
export async function runningReleases(clickhouse: ClickHouse, now: number): Promise<RunningRelease[]> {
  const readers = await orNone(clickhouse.rows(listReaders, { since: now - SILENT_AFTER_MS }));
  const ids = [...new Set(readers.map(({ release }) => release))];
  if (ids.length === 0) return [];
  const queries = await clickhouse.rows(listQueries, { releases: ids });
  return ids.map((id) => {
    const here = readers.filter(({ release }) => release === id);
    return {
      id,
      queries: queries.filter(({ release }) => release === id),
      places: here.map(({ place }) => place),
      seen: Math.max(...here.map(({ seen }) => seen)),
    };
  });
}
