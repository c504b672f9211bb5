import type { Phase } from './files';

/** What a statement does to the store, as far as its text tells. */
export interface Classified {
  /** In the words of the plan: `create table`, `add column, materialize column`. */
  readonly kind: string;
  readonly table: string;
  readonly phase: Phase;
  /** Reads or writes rows, so that its time grows with them. */
  readonly rewrites: boolean;
  /** The engine notes it in system.mutations and works it off in the background. */
  readonly mutates: boolean;
  /** Why it may not stand in a migration: what it is not, or that a repeat would do something else than the first time. */
  readonly refusal?: string;
  /** The engine of a table that it creates. */
  readonly engine?: string;
  /** Columns that it adds. */
  readonly adds?: readonly string[];
  /** Columns whose values it sets, when it does nothing else. */
  readonly sets?: readonly string[];
  /** It inserts, and nothing in its text keeps a repeat from inserting again. */
  readonly unguarded?: true;
}
