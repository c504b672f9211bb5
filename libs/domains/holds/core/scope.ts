import type { Micros } from '@holdfast/kernel';

/** A field of the data, by the names that lead to it, and the values that fit. */
export interface FieldFilter {
  readonly path: string;
  readonly in: readonly string[];
}

/** Somebody or something by every name that it is known by, as records have them. */
export interface SubjectScope {
  readonly aliases: readonly string[];
  /** Paths of the data where they stand, beside the business key and the correlation id. */
  readonly fields?: readonly string[] | undefined;
}

/** Which records a hold is for: those that fit all that is said. */
export interface HoldScope {
  /** Every record there is and will be; nothing else may be said then. */
  readonly everything?: true | undefined;
  readonly processes?: readonly string[] | undefined;
  readonly stages?: readonly string[] | undefined;
  readonly types?: readonly string[] | undefined;
  readonly sources?: readonly string[] | undefined;
  readonly classes?: readonly string[] | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly keys?: readonly string[] | undefined;
  readonly subject?: SubjectScope | undefined;
  /** The time of the business fact: [from, to). */
  readonly from?: Micros | undefined;
  readonly to?: Micros | undefined;
  readonly fields?: readonly FieldFilter[] | undefined;
}

/**
 * How the engine finds what a hold is for. `keys`: by looking up process and key in the table of held keys. `subject`: by looking up key and correlation id there. `process`: by the name of the
 * process. `query`: by asking for records that fit.
 */
export type ScopeKind = 'everything' | 'process' | 'keys' | 'subject' | 'query';

const said = (scope: HoldScope): (keyof HoldScope)[] =>
  (Object.keys(scope) as (keyof HoldScope)[]).filter((term) => scope[term] !== undefined);

export function kindOf(scope: HoldScope): ScopeKind {
  const terms = said(scope).sort().join();
  if (scope.everything) return 'everything';
  if (terms === 'processes') return 'process';
  if (terms === 'keys,processes') return 'keys';
  if (terms === 'subject' && (scope.subject!.fields ?? []).length === 0) return 'subject';
  return 'query';
}

/** What is looked up: a key of a process, or a name of a subject wherever it stands. */
export interface HeldName {
  /** '' of a subject: any process. */
  readonly process: string;
  readonly name: string;
}

/** What of a scope stands in the table of held keys; nothing of one that is asked as a query. */
export function namesIn(scope: HoldScope): HeldName[] {
  const kind = kindOf(scope);
  if (kind === 'keys') return scope.processes!.flatMap((process) => scope.keys!.map((name) => ({ process, name })));
  if (kind === 'subject') return scope.subject!.aliases.map((name) => ({ process: '', name }));
  return [];
}

/** Whether it says nothing that a record could fit. */
export const isEmpty = (scope: HoldScope): boolean => said(scope).length === 0;

/** Whether records of a retention class may fit. */
export const mayHold = ({ classes }: HoldScope, recordClass: string): boolean =>
  classes === undefined || classes.includes(recordClass);
