import type { ApiClient } from '../api-client';
import { segment } from '../context';
import { count, table } from '../output';
import type { Discrepancy } from '../views';
import type { Planted } from './generator/faults';

/** What was found against what was planted. */
export interface Comparison {
  readonly planted: number;
  readonly found: number;
  /** Planted, and not found. */
  readonly missed: readonly string[];
  /** Found, and not planted. */
  readonly extra: readonly string[];
  readonly isEqual: boolean;
  /** Counts by kind and hop. */
  readonly rows: readonly Row[];
}
interface Row {
  readonly kind: string;
  readonly hop: string;
  readonly planted: number;
  readonly found: number;
  /** Both, key by key. */
  readonly agreeing: number;
}

/** What two discrepancies that are the same have in common; `field` is that of a `mutated` one. */
interface Named {
  readonly key: string;
  readonly kind: string;
  readonly hop: string;
  readonly stage: string;
  readonly field?: string;
}
const nameOf = ({ kind, hop, key, field = '' }: Named): string => `${kind}  ${hop}  ${key}  ${field}`.trimEnd();

/** Compares a window's newest verdict with the planted list, key by key. */
export async function compareWithPlanted(
  client: ApiClient,
  id: string,
  planted: readonly Planted[],
): Promise<Comparison> {
  const found: Named[] = [];
  for await (const one of client.items<Discrepancy>(`/v1/reconciliations/${segment(id)}/discrepancies`))
    found.push(one);
  return compare(found, planted);
}

export function compare(found: readonly Named[], planted: readonly Named[]): Comparison {
  const [left, right] = [
    new Map(planted.map((one) => [nameOf(one), one])),
    new Map(found.map((one) => [nameOf(one), one])),
  ];
  const missed = [...left.keys()].filter((name) => !right.has(name));
  const extra = [...right.keys()].filter((name) => !left.has(name));
  const doubled = planted.length - left.size + found.length - right.size;
  const places = new Map(
    [...left.values(), ...right.values()].map(({ kind, hop }) => [`${kind} ${hop}`, { kind, hop }]),
  );
  const rows = [...places.values()].map(({ kind, hop }): Row => {
    const here = (one: Named): boolean => one.kind === kind && one.hop === hop;
    const agreeing = [...left].filter(([name, one]) => here(one) && right.has(name)).length;
    return { kind, hop, planted: planted.filter(here).length, found: found.filter(here).length, agreeing };
  });
  return {
    planted: planted.length,
    found: found.length,
    missed,
    extra,
    isEqual: missed.length + extra.length + doubled === 0,
    rows: rows.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || (a.hop < b.hop ? 1 : -1)),
  };
}

const ORDER = ['missing', 'duplicate', 'mutated', 'late', 'orphan'];
const MOST_SHOWN = 20;

export function comparisonText({ rows, planted, found, missed, extra, isEqual }: Comparison): string {
  const agreeing = rows.reduce((sum, row) => sum + row.agreeing, 0);
  const shown = table(
    [...rows, { kind: 'together', hop: '', planted, found, agreeing }],
    [
      { title: 'kind', value: ({ kind }) => kind },
      { title: 'hop', value: ({ hop }) => hop.replace('->', ' -> ') },
      { title: 'planted', value: (row) => count(row.planted), align: 'right' },
      { title: 'found', value: (row) => count(row.found), align: 'right' },
      { title: 'same keys', value: (row) => count(row.agreeing), align: 'right' },
    ],
  );
  if (isEqual) return `${shown}\n\nFound exactly what was planted, key by key.`;
  const differences = [
    ...missed.map((name) => `planted, not found: ${name}`),
    ...extra.map((name) => `found, not planted: ${name}`),
  ];
  const more = differences.length - MOST_SHOWN;
  return [
    shown,
    '',
    'Found is NOT what was planted:',
    ...differences.slice(0, MOST_SHOWN).map((line) => `  ${line}`),
    ...(differences.length === 0 ? ['  the same discrepancy is there twice'] : []),
    ...(more > 0 ? [`  ... and ${count(more)} more`] : []),
  ].join('\n');
}
