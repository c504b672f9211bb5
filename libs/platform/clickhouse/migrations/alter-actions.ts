import type { Classified } from './classified';
import type { Phase } from './files';
import { follows, type Word } from './words';

interface Rule {
  readonly phase: Phase;
  /** The engine works it off as a mutation, part by part. */
  readonly mutates?: true;
  /** What has to stand behind it for a repeat to do nothing. Actions without say how things are to be, and may say so again. */
  readonly guard?: 'IF NOT EXISTS' | 'IF EXISTS';
}

/** What ALTER TABLE may do in a migration. Anything else is refused. */
const RULES: Readonly<Record<string, Rule>> = {
  'ADD COLUMN': { phase: 'expand', guard: 'IF NOT EXISTS' },
  'ADD INDEX': { phase: 'expand', guard: 'IF NOT EXISTS' },
  'ADD PROJECTION': { phase: 'expand', guard: 'IF NOT EXISTS' },
  'ADD STATISTICS': { phase: 'expand', guard: 'IF NOT EXISTS' },
  'ADD CONSTRAINT': { phase: 'contract', guard: 'IF NOT EXISTS' }, // a running release may insert what it forbids
  'DROP COLUMN': { phase: 'contract', mutates: true, guard: 'IF EXISTS' },
  'DROP INDEX': { phase: 'contract', mutates: true, guard: 'IF EXISTS' },
  'DROP PROJECTION': { phase: 'contract', mutates: true, guard: 'IF EXISTS' },
  'DROP STATISTICS': { phase: 'contract', mutates: true, guard: 'IF EXISTS' },
  'DROP CONSTRAINT': { phase: 'expand', guard: 'IF EXISTS' },
  'RENAME COLUMN': { phase: 'contract', mutates: true, guard: 'IF EXISTS' },
  'CLEAR COLUMN': { phase: 'contract', mutates: true, guard: 'IF EXISTS' },
  'CLEAR INDEX': { phase: 'contract', mutates: true, guard: 'IF EXISTS' },
  'CLEAR PROJECTION': { phase: 'contract', mutates: true, guard: 'IF EXISTS' },
  'COMMENT COLUMN': { phase: 'expand' },
  'MODIFY COMMENT': { phase: 'expand' },
  'MODIFY COLUMN': { phase: 'contract', mutates: true },
  'MODIFY ORDER BY': { phase: 'expand' },
  'MODIFY SETTING': { phase: 'expand' },
  'RESET SETTING': { phase: 'expand' },
  'MODIFY TTL': { phase: 'contract', mutates: true }, // deletes
  'REMOVE TTL': { phase: 'expand' },
  'MODIFY QUERY': { phase: 'contract' },
  'MATERIALIZE COLUMN': { phase: 'expand', mutates: true },
  'MATERIALIZE INDEX': { phase: 'expand', mutates: true },
  'MATERIALIZE PROJECTION': { phase: 'expand', mutates: true },
  'MATERIALIZE STATISTICS': { phase: 'expand', mutates: true },
  'MATERIALIZE TTL': { phase: 'contract', mutates: true },
  UPDATE: { phase: 'contract', mutates: true },
  DELETE: { phase: 'contract', mutates: true },
};
const VERBS = new Set(Object.keys(RULES).map((action) => action.split(' ')[0]!));

/** Sorts what stands behind `ALTER TABLE name`. */
export function classifyAlter(words: readonly Word[], table: string, from: number): Classified {
  const actions = actionsOf(words.slice(from)).map(readAction);
  const refusal = actions.map((action) => action.refusal).find((reason) => reason !== undefined);
  const sets = actions.every((action) => action.sets) ? actions.flatMap((action) => action.sets!) : undefined;
  const mutates = actions.some(({ rule }) => rule?.mutates);
  return {
    kind: [...new Set(actions.map(({ kind }) => kind))].join(', '),
    table,
    phase: actions.every(({ rule }) => rule?.phase === 'expand') ? 'expand' : 'contract',
    rewrites: mutates,
    mutates,
    adds: actions.flatMap(({ added }) => added ?? []),
    ...(sets && { sets }),
    ...(refusal !== undefined && { refusal }),
  };
}

/** Cuts at commas that an action follows: those of `UPDATE a = 1, b = 2` stay inside. */
function actionsOf(words: readonly Word[]): Word[][] {
  const found: Word[][] = [[]];
  for (const [at, word] of words.entries()) {
    const starts = VERBS.has(words[at + 1]?.keyword ?? '') && words[at + 2]?.keyword !== '=';
    if (word.keyword === ',' && word.depth === 0 && starts) found.push([]);
    else found.at(-1)!.push(word);
  }
  return found;
}

interface Action {
  readonly kind: string;
  readonly rule?: Rule;
  readonly refusal?: string;
  readonly added?: string;
  readonly sets?: readonly string[];
}

function readAction(words: readonly Word[]): Action {
  const name = Object.keys(RULES).find((action) => follows(words, 0, ...action.split(' ')));
  if (name === undefined)
    return { kind: 'alter', refusal: 'is not among the changes of a table that a migration may make' };
  const kind = name.toLowerCase();
  const rule = RULES[name]!;
  const after = name.split(' ').length;
  const guard = rule.guard?.split(' ') ?? [];
  if (!follows(words, after, ...guard))
    return { kind, rule, refusal: `would fail when it is repeated; write ${name} ${rule.guard!}` };
  if (name === 'UPDATE') return readUpdate(words, rule);
  const added = name === 'ADD COLUMN' ? words[after + guard.length]?.name : undefined;
  return { kind, rule, ...(added !== undefined && { added }) };
}

/**
 * An UPDATE may be repeated when no new value is made of a column that it sets: rows that it changed become what they are, and rows that it did not change are
 * as they were when its condition left them out.
 */
function readUpdate(words: readonly Word[], rule: Rule): Action {
  const end = words.findIndex(({ keyword, depth }) => depth === 0 && keyword === 'WHERE');
  const assignments = words.slice(1, end < 0 ? undefined : end);
  const isTarget = (at: number): boolean =>
    assignments[at]?.depth === 0 &&
    assignments[at + 1]?.keyword === '=' &&
    (at === 0 || (assignments[at - 1]!.keyword === ',' && assignments[at - 1]!.depth === 0));
  const sets = assignments.flatMap(({ name }, at) => (isTarget(at) && name !== undefined ? [name] : []));
  const reads = assignments.filter((_, at) => !isTarget(at)).map(({ name }) => name);
  const both = sets.find((column) => reads.includes(column));
  return {
    kind: 'update',
    rule,
    sets,
    ...(both !== undefined && { refusal: `would change ${both} again when it is repeated; set a new column instead` }),
  };
}
