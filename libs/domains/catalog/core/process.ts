/** How far two stages may differ in a field and still agree. `by` is in the field's own unit, or a fraction for `relative`; `seconds` for times. */
export type Tolerance =
  | { readonly kind: 'absolute'; readonly by: number }
  | { readonly kind: 'relative'; readonly by: number }
  | { readonly kind: 'time'; readonly seconds: number }
  | { readonly kind: 'case' };

/** A field of `data`, by its path (`total.amount`), that every stage must agree on. Without a tolerance: the same JSON value. */
export interface AgreedField {
  readonly name: string;
  readonly tolerance?: Tolerance | undefined;
}

/** What a process's records are kept as. How long each class is kept is no matter of the process. */
export type RetentionClass = 'standard' | 'short' | 'financial' | 'audit';
export const RETENTION_CLASSES = [
  'standard',
  'short',
  'financial',
  'audit',
] as const satisfies readonly RetentionClass[];

/** `1:1`: each event of a stage has one at the next. `1:n`: at least one. */
export type Cardinality = '1:1' | '1:n';

export interface Stage {
  readonly id: string;
  /** An observer tells of what it sees, and is compared with nobody. */
  readonly role: 'source' | 'integration' | 'target' | 'observer';
  /** Of an observer: the share of its events that is kept, by correlation id. */
  readonly sampleRate?: number | undefined;
}

/** The stages that must agree, in their order. */
export const comparedStages = ({ stages }: Pick<ProcessDefinition, 'stages'>): string[] =>
  stages.filter(({ role }) => role !== 'observer').map(({ id }) => id);

/** A business process as it crosses systems. */
export interface ProcessDefinition {
  readonly description?: string | undefined;
  /** In the order in which a business fact reaches them; two or more. */
  readonly stages: readonly Stage[];
  readonly fields: readonly AgreedField[];
  readonly cardinality: Cardinality;
  /** How long after its end a window waits for what is late. */
  readonly graceSeconds: number;
  readonly window: {
    readonly seconds: number;
    /** Whether windows of this length open by themselves. */
    readonly scheduled: boolean;
  };
  /** Of records that come from now on; those that are stored stay where they are. */
  readonly retentionClass: RetentionClass;
  /** The escalation policy that pages when a window has gaps. */
  readonly escalationPolicy?: string | undefined;
  /** How long after its grace a window may be left open until that itself is escalated. */
  readonly resolveWithinSeconds?: number | undefined;
  /** What people decide about discrepancies takes effect when somebody else has approved it in time; none: at once. */
  readonly fourEyes?: { readonly approveWithinSeconds: number } | undefined;
}

export interface Process extends ProcessDefinition {
  readonly id: string;
  readonly version: number;
}

/**
 * Names what digests were made of: digests of two definitions cannot be compared. FNV-1a, 32 bits, over the fields in their order.
 * Source: Fowler, Noll, Vo; offset basis 2166136261, prime 16777619.
 */
export function definitionOf({ fields }: Pick<ProcessDefinition, 'fields'>): number {
  const text = JSON.stringify(
    fields.map(({ name, tolerance }) => [name, tolerance?.kind === 'case' ? 'case' : 'value']),
  );
  let hash = 2_166_136_261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619);
  return hash >>> 0;
}
