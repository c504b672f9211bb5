import type { ComparisonResult, Difference, Value } from '@holdfast/domains/comparisons/core/comparison';
import { count, facts, seconds } from '../output';

/** Names of columns as they are shown. */
export interface Names {
  readonly key: readonly string[];
  readonly columns: readonly string[];
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A value on a line of its own width: what would break the line, or drive a terminal, is escaped. */
const shown = (value: Value): string =>
  value === null
    ? 'NULL'
    : value.replace(
        /[\\\u0000-\u001f\u007f-\u009f]/g,
        (one) => ESCAPES[one] ?? `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );

const line = (sign: string, key: readonly Value[], values: readonly Value[]): string =>
  `${sign} ${[...key, ...values].map(shown).join('\t')}`;

/** As diff does: what the source alone has behind `-`, what the target alone has behind `+`, and both of what changed. */
export function textOf(difference: Difference): string {
  switch (difference.is) {
    case 'removed':
      return line('-', difference.key, difference.source);
    case 'added':
      return line('+', difference.key, difference.target);
    case 'changed':
      return `${line('-', difference.key, difference.source)}\n${line('+', difference.key, difference.target)}`;
  }
}

export const heading = ({ key, columns }: Names): string => `@ ${[...key, ...columns].join('\t')}`;

const named = (names: readonly string[], values: readonly Value[]): Record<string, Value> =>
  Object.fromEntries(names.map((name, at) => [name, values[at]!]));

export function jsonOf(difference: Difference, { key, columns }: Names): object {
  return {
    is: difference.is,
    key: named(key, difference.key),
    ...('source' in difference ? { source: named(columns, difference.source) } : {}),
    ...('target' in difference ? { target: named(columns, difference.target) } : {}),
    ...('columns' in difference ? { columns: difference.columns.map((at) => columns[at]!) } : {}),
  };
}

/** Counts, and what the answer rests on. */
export function statsOf({ counts, spent, source, target, partial, settled, how }: ComparisonResult): string {
  const side = ({ kind, rows, stillness, changedWhileRead }: ComparisonResult['source']): string =>
    `${count(rows)} rows, ${kind}, ${STILL[stillness]}${changedWhileRead === true ? '; IT CHANGED WHILE IT WAS READ' : ''}`;
  return facts([
    ['same', count(counts.same)],
    ['removed', count(counts.removed)],
    ['added', count(counts.added)],
    ['changed', count(counts.changed)],
    ['settled', settled === 0 ? undefined : `${count(settled)}, different at first and the same on a second look`],
    ['source', side(source)],
    ['target', side(target)],
    ['sample', how.sampleShare === 1 ? undefined : `${how.sampleShare} of the keys`],
    ['partial', partial && `the budget of ${partial} was used up before the end`],
    ['method', `${how.method}: ${how.because}`],
    ['took', seconds(spent.seconds * 1000)],
  ]);
}

const STILL = {
  snapshot: 'one snapshot',
  statement: 'still within each statement',
  file: 'one file',
  parts: 'read in parts, at different times',
  none: 'nothing holds it still',
} as const;
