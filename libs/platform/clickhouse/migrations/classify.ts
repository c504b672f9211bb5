import { classifyAlter } from './alter-actions';
import type { Classified } from './classified';
import { findOuter, follows, wordsOf, type Word } from './words';

const UNKNOWN = 'is not among the statements that a migration may hold';
/** Created by a migration: what it says in the text, and in the plan. */
const CREATED: readonly (readonly string[])[] = [['TABLE'], ['MATERIALIZED', 'VIEW'], ['VIEW'], ['DICTIONARY']];

const refused = (kind: string, refusal: string, table = ''): Classified => ({
  kind,
  table,
  phase: 'contract',
  rewrites: false,
  mutates: false,
  refusal,
});

/** The one decision about a statement: what is not known here is refused. Reads the text alone, and asks no engine. */
export function classify(sql: string): Classified {
  const words = wordsOf(sql);
  const classified = classifyWords(words);
  if (classified.refusal === undefined && findOuter(words, 'ON', 'CLUSTER') >= 0)
    return refused(classified.kind, 'says ON CLUSTER, which the form for a cluster adds', classified.table);
  return classified;
}

function classifyWords(words: readonly Word[]): Classified {
  switch (words[0]?.keyword) {
    case 'CREATE':
      return classifyCreate(words);
    case 'DROP':
      return classifyDrop(words);
    case 'RENAME':
      return classifyRename(words);
    case 'INSERT':
      return classifyInsert(words);
    case 'ALTER':
      return words[1]?.keyword === 'TABLE' ? onTable(words, 2, classifyAlter) : refused('alter', UNKNOWN);
    case 'EXCHANGE':
      return refused('exchange', 'undoes itself when it is repeated; use RENAME TABLE IF EXISTS');
    default:
      return refused(words[0]?.keyword.toLowerCase() ?? '', UNKNOWN);
  }
}

/** A table's name at `at`; a migration works in the database of the configuration, so that it can be tried on a copy. */
function onTable(
  words: readonly Word[],
  at: number,
  classifyOn: (words: readonly Word[], table: string, after: number) => Classified,
): Classified {
  const table = words[at]?.name;
  if (table === undefined) return refused(words[0]!.keyword.toLowerCase(), UNKNOWN);
  if (words[at + 1]?.keyword === '.')
    return refused(
      words[0]!.keyword.toLowerCase(),
      'names a database; leave it out, it is the one of the configuration',
    );
  return classifyOn(words, table, at + 1);
}

function classifyCreate(words: readonly Word[]): Classified {
  const replaces = follows(words, 1, 'OR', 'REPLACE');
  const at = replaces ? 3 : 1;
  const object = CREATED.find((keywords) => follows(words, at, ...keywords));
  if (!object) return refused('create', UNKNOWN);
  const kind = `create ${object.join(' ').toLowerCase()}`;
  const isGuarded = follows(words, at + object.length, 'IF', 'NOT', 'EXISTS');
  if (replaces && kind !== 'create view') return refused(kind, 'replaces what holds rows');
  if (!replaces && !isGuarded) return refused(kind, 'would fail when it is repeated; add IF NOT EXISTS');
  return onTable(words, at + object.length + (isGuarded ? 3 : 0), (_, table, after) => {
    const fillsItself =
      findOuter(words, 'POPULATE') >= 0 ||
      findOuter(words, 'CLONE', 'AS') >= 0 ||
      (kind === 'create table' && ['SELECT', 'WITH', '('].some((next) => findOuter(words, 'AS', next) >= 0));
    if (fillsItself)
      return refused(
        kind,
        'fills what it creates: broken off, it would leave a part; create first, then insert',
        table,
      );
    const target = words.findIndex(({ keyword, depth }, index) => index >= after && depth === 0 && keyword === 'TO');
    if (target > 0 && words[target + 2]?.keyword === '.')
      return refused(kind, 'names a database; leave it out, it is the one of the configuration', table);
    const engine =
      words[findOuter(words, 'ENGINE') + 1]?.keyword === '=' ? words[findOuter(words, 'ENGINE') + 2] : undefined;
    return {
      kind: replaces ? 'replace view' : kind,
      table,
      phase: replaces ? 'contract' : 'expand',
      rewrites: false,
      mutates: false,
      ...(engine?.name !== undefined && { engine: engine.name }),
    };
  });
}

function classifyDrop(words: readonly Word[]): Classified {
  const object = ['TABLE', 'VIEW', 'DICTIONARY'].find((keyword) => words[1]?.keyword === keyword);
  if (object === undefined) return refused('drop', UNKNOWN);
  const kind = `drop ${object.toLowerCase()}`;
  if (!follows(words, 2, 'IF', 'EXISTS')) return refused(kind, 'would fail when it is repeated; add IF EXISTS');
  return onTable(words, 4, (_, table) => ({ kind, table, phase: 'contract', rewrites: false, mutates: false }));
}

function classifyRename(words: readonly Word[]): Classified {
  const kind = 'rename table';
  if (words[1]?.keyword !== 'TABLE') return refused('rename', UNKNOWN);
  if (!follows(words, 2, 'IF', 'EXISTS')) return refused(kind, 'would fail when it is repeated; add IF EXISTS');
  if (words.some(({ keyword }) => keyword === ','))
    return refused(kind, 'renames several tables; give each a statement of its own');
  return onTable(words, 4, (_, table, after) =>
    words[after + 2]?.keyword === '.'
      ? refused(kind, 'moves the table to another database', table)
      : { kind, table, phase: 'contract', rewrites: false, mutates: false },
  );
}

function classifyInsert(words: readonly Word[]): Classified {
  if (words[1]?.keyword !== 'INTO' || words[2]?.keyword === 'FUNCTION') return refused('insert', UNKNOWN);
  return onTable(words, words[2]?.keyword === 'TABLE' ? 3 : 2, (_, table) => {
    const selects = words.some(({ keyword, depth }) => depth === 0 && (keyword === 'SELECT' || keyword === 'WITH'));
    const guarded = selects && leavesOutWhatIsThere(words, table);
    return {
      kind: selects ? 'insert select' : 'insert values',
      table,
      phase: 'contract',
      rewrites: selects,
      mutates: false,
      ...(!guarded && { unguarded: true }),
    };
  });
}

/** Whether a condition `NOT IN (SELECT .. FROM table)` leaves out rows that the table has. */
function leavesOutWhatIsThere(words: readonly Word[], table: string): boolean {
  return words.some((_, at) => {
    if (!follows(words, at, 'NOT', 'IN', '(', 'SELECT')) return false;
    const { depth } = words[at + 3]!;
    const rest = words.slice(at + 3);
    const end = rest.findIndex((word) => word.depth < depth);
    const inside = end < 0 ? rest : rest.slice(0, end);
    return inside.some(({ keyword }, index) => keyword === 'FROM' && inside[index + 1]?.name === table);
  });
}
