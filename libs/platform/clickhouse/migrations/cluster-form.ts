import { join } from 'node:path';
import { sourceFolder } from '../source-folder';
import { readMigrations } from './files';
import { RUNNER_TABLES } from './journal';
import { lockTable } from './lock';
import { findOuter, follows, wordsOf, type Word } from './words';

/** Macros of the server: each installation of a cluster defines them. */
const ON_CLUSTER = " ON CLUSTER '{cluster}'";
const REPLICA = "'/clickhouse/tables/{uuid}/{shard}', '{replica}'";

/** Settings of MergeTree that have another name where the engine is replicated. */
const SETTINGS: Readonly<Record<string, string>> = {
  non_replicated_deduplication_window: 'replicated_deduplication_window',
};

interface Edit {
  readonly at: number;
  /** Exclusive; the same as `at` to insert. */
  readonly to: number;
  readonly text: string;
}

/**
 * A statement of a migration as a cluster is to run it: on every host, with replicated engines. Inserts stay as they are: what is inserted on one host reaches its
 * replicas.
 * @throws TypeError naming an engine that has no replicated form
 */
export function clusterForm(sql: string): string {
  const words = wordsOf(sql);
  const edits = [...onCluster(words), ...engine(words), ...settings(words)].sort((a, b) => a.at - b.at);
  let [text, at] = ['', 0];
  for (const edit of edits) {
    text += sql.slice(at, edit.at) + edit.text;
    at = edit.to;
  }
  return text + sql.slice(at);
}

const insertAfter = ({ end }: Word, text: string): Edit => ({ at: end, to: end, text });

function onCluster(words: readonly Word[]): Edit[] {
  const verb = words[0]!.keyword;
  if (verb === 'INSERT') return [];
  if (verb === 'RENAME') return [insertAfter(words.at(-1)!, ON_CLUSTER)];
  const object = words.findIndex(({ keyword }) => ['TABLE', 'VIEW', 'DICTIONARY'].includes(keyword));
  const guard = follows(words, object + 1, 'IF', 'NOT', 'EXISTS')
    ? 3
    : follows(words, object + 1, 'IF', 'EXISTS')
      ? 2
      : 0;
  return [insertAfter(words[object + guard + 1]!, ON_CLUSTER)];
}

function engine(words: readonly Word[]): Edit[] {
  const at = findOuter(words, 'ENGINE', '=');
  const name = words[at + 2];
  if (at < 0 || name?.name === undefined) return [];
  if (!name.name.endsWith('MergeTree')) throw new TypeError(`${name.name} has no replicated form`);
  const replicated: Edit = { at: name.start, to: name.start, text: 'Replicated' };
  if (words[at + 3]?.keyword !== '(') return [replicated, insertAfter(name, `(${REPLICA})`)];
  const isEmpty = words[at + 4]?.keyword === ')';
  return [replicated, insertAfter(words[at + 3]!, isEmpty ? REPLICA : `${REPLICA}, `)];
}

const settings = (words: readonly Word[]): Edit[] =>
  words.flatMap(({ name, start, end, depth }) =>
    depth === 0 && name !== undefined && name in SETTINGS ? [{ at: start, to: end, text: SETTINGS[name]! }] : [],
  );

/** A statement of the cluster's schema, and the file or the table of the runner that it comes from. */
export interface ClusterStatement {
  readonly from: string;
  readonly embedded: string;
  readonly sql: string;
}

/** Everything that makes the schema, in order: the runner's own tables, then the files. */
export function clusterSchema(folder = join(sourceFolder, 'migrations')): ClusterStatement[] {
  const own = [...RUNNER_TABLES, lockTable('id of its holder')].map((sql) => ({ from: 'the runner', embedded: sql }));
  const files = readMigrations(folder).flatMap(({ name, statements }) =>
    statements.map(({ number, sql }) => ({ from: `${name}, statement ${number}`, embedded: sql })),
  );
  return [...own, ...files].map((one) => ({ ...one, sql: clusterForm(one.embedded) }));
}
