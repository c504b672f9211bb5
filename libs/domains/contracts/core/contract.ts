import type { Schema } from './schema';
import type { UpcastStep } from './upcast';

/** What becomes of a record that breaks its contract: refused, kept for a steward, or stored with a note. */
export type Enforcement = 'reject' | 'quarantine' | 'warn';
export const ENFORCEMENTS = ['reject', 'quarantine', 'warn'] as const satisfies readonly Enforcement[];

/**
 * Which readers a new version must not break. Backward: a reader of the new version reads what was written under the one before it. Forward: a reader of the
 * one before it reads what is written under the new one. Full: both. Transitive: against every earlier version, not the last alone.
 */
export type CompatibilityMode =
  'none' | 'backward' | 'backward_transitive' | 'forward' | 'forward_transitive' | 'full' | 'full_transitive';
export const COMPATIBILITY_MODES = [
  'none',
  'backward',
  'backward_transitive',
  'forward',
  'forward_transitive',
  'full',
  'full_transitive',
] as const satisfies readonly CompatibilityMode[];

/** What null means beside what the schema says: nothing more, never allowed, or the same as a member that is not there. */
export type NullRule = 'as_schema' | 'forbidden' | 'absent';
export const NULL_RULES = ['as_schema', 'forbidden', 'absent'] as const satisfies readonly NullRule[];

/** What the events of one type promise. Its id is the event type; its versions are those of the register. */
export interface ContractDefinition {
  readonly description?: string | undefined;
  /** The team that answers for the events. */
  readonly owner: string;
  /** Who repairs what breaks the contract; the owner where nobody is named. */
  readonly steward?: string | undefined;
  readonly enforcement: Enforcement;
  readonly compatibility: CompatibilityMode;
  /** JSON Schema 2020-12 of an event's `data`. */
  readonly schema: Schema;
  /** Classes of fields, by path such as `customer.email`. */
  readonly fields: Readonly<Record<string, { readonly class: string }>>;
  /** Attributes that an event must carry beside its data. */
  readonly mandatoryTags: readonly string[];
  readonly nulls: NullRule;
  /** Makes data of the version before it data of this one. */
  readonly upcast: readonly UpcastStep[];
}

export interface Contract extends ContractDefinition {
  readonly type: string;
  readonly version: number;
}

/** Who repairs records that break it. */
export const stewardOf = ({ steward, owner }: Pick<ContractDefinition, 'steward' | 'owner'>): string =>
  steward ?? owner;

/** Where a record breaks its contract. Names what the contract names, never what the record held. */
export interface Breach {
  /** A path such as `data.customer.email`; members that the schema does not name, and elements of arrays, are `*`. */
  readonly field: string;
  readonly reason: string;
}
