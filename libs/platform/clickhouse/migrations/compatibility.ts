import { ClickHouseError } from '@clickhouse/client';
import type { ClickHouse } from '../clickhouse';
import type { Release, ReleaseQuery } from './readers';

/** A query that the engine would refuse, and why. */
export interface Broken {
  readonly query: string;
  /** In the engine's words: of names and types, since there is no data in it. */
  readonly reason: string;
}

/** Queries at once: each holds a thread of the engine. */
const AT_ONCE = 4;

/** Asks the engine how it would run each query of a release on a schema. @returns those that it would refuse */
export async function brokenQueries(clickhouse: ClickHouse, { queries }: Release): Promise<Broken[]> {
  const broken: Broken[] = [];
  const waiting = [...queries];
  const work = async (): Promise<void> => {
    for (let query = waiting.shift(); query; query = waiting.shift()) {
      const reason = await refusalOf(clickhouse, query);
      if (reason !== undefined) broken.push({ query: query.name, reason });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return broken.sort((a, b) => (a.query < b.query ? -1 : 1));
}

async function refusalOf(clickhouse: ClickHouse, { text }: ReleaseQuery): Promise<string | undefined> {
  try {
    await clickhouse.explain(explainable(text), standIns(text));
    return undefined;
  } catch (error) {
    if (!(error instanceof ClickHouseError)) throw error;
    return `${error.type ?? error.code}: ${error.message.trim()}`;
  }
}

const PARAMETER = /\{(\w+):([^{}]+)\}/g;

/** The engine explains no deletion; of the rows that it would delete it explains how it would find them. */
const explainable = (sql: string): string => sql.replace(/^DELETE FROM (\w+)/m, 'SELECT count() FROM $1');

/** A value for each parameter of a query: which one does not matter, nothing is read. */
export function standIns(sql: string): Record<string, unknown> {
  return Object.fromEntries(
    [...sql.matchAll(PARAMETER)].map(([, name, type]) => [name!, standIn(name!, type!.trim())]),
  );
}

function standIn(name: string, type: string): unknown {
  if (type === 'Identifier') return name; // tables that are made for a while are called by the one that they are like
  if (/^Array\(/.test(type)) return [];
  if (/^Map\(/.test(type)) return {};
  if (/^Nullable\(/.test(type)) return null;
  if (/^Bool$/.test(type)) return true;
  if (/^(U?Int|Float|Decimal)/.test(type)) return 1;
  if (/^DateTime/.test(type)) return '2020-01-01 00:00:00';
  if (/^Date/.test(type)) return '2020-01-01';
  if (/^UUID$/.test(type)) return '00000000-0000-0000-0000-000000000000';
  return 'x';
}
