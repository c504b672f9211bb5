/** How far two stages may differ in a field and still agree. `by` is in the field's own unit, or a fraction for `relative`; `seconds` for times. */
export type Tolerance =
  | { readonly kind: 'absolute'; readonly by: number }
  | { readonly kind: 'relative'; readonly by: number }
  | { readonly kind: 'time'; readonly seconds: number }
  | { readonly kind: 'case' };

/** What is made of a value before it is compared, in this order: texts lose the spaces around them, runs of spaces become one, letters become small, an empty text is none, a text that is a number becomes it. */
export type Normalisation = 'trim' | 'spaces' | 'lower-case' | 'empty-is-null' | 'number';
export const NORMALISATIONS = [
  'trim',
  'spaces',
  'lower-case',
  'empty-is-null',
  'number',
] as const satisfies readonly Normalisation[];

/** Where a stage says a field, and in which unit. */
export interface FieldAtStage {
  /** Path in the stage's data; behind `[].`, in each element of the list that names the stage's keys. */
  readonly path: string;
  /** The stage says the amount in minor units of its currency: how many digits those are (2: cents), or where the currency stands, by which ISO 4217 has them. */
  readonly minorUnits?: number | { readonly currency: string } | undefined;
}

/** What a null, or no value at all, agrees with: another one (`equal`), nothing (`differs`), anything (`ignored`). */
export type NullPolicy = 'equal' | 'differs' | 'ignored';
export const NULL_POLICIES = ['equal', 'differs', 'ignored'] as const satisfies readonly NullPolicy[];

/** How much it matters that a field differs. */
export type FieldRank = 'critical' | 'major' | 'minor';
export const FIELD_RANKS = ['critical', 'major', 'minor'] as const satisfies readonly FieldRank[];

/** A field of `data`, by its path (`total.amount`), that the stages must agree on. Without a tolerance: the same JSON value. */
export interface AgreedField {
  readonly name: string;
  /** Of stages that say it elsewhere or otherwise; the others have it at `name`. */
  readonly at?: Readonly<Record<string, FieldAtStage>> | undefined;
  /** `each`: of each event (where nothing is said). `sum`: of all events of a key together, such as the amounts of an order's lines. */
  readonly compare?: 'each' | 'sum' | undefined;
  readonly normalise?: readonly Normalisation[] | undefined;
  /** Numbers are rounded to so many decimals before they are compared, halves away from zero. */
  readonly decimals?: number | undefined;
  readonly tolerance?: Tolerance | undefined;
  readonly nulls?: NullPolicy | undefined;
  /** `major` where nothing is said. */
  readonly rank?: FieldRank | undefined;
}

/** What a process's records are kept as. How long each class is kept is no matter of the process. */
export type RetentionClass = 'standard' | 'short' | 'financial' | 'audit';
export const RETENTION_CLASSES = [
  'standard',
  'short',
  'financial',
  'audit',
] as const satisfies readonly RetentionClass[];

/**
 * Of events with one key. `1:1`: each has one at the next stage. `1:n`: each has at least one, such as the parts of a split order. `n:1`: several become one, which all of them agree with.
 * `n:m`: each has at least one on the other side.
 */
export type Cardinality = '1:1' | '1:n' | 'n:1' | 'n:m';
export const CARDINALITIES = ['1:1', '1:n', 'n:1', 'n:m'] as const satisfies readonly Cardinality[];

/** More events of a key than were sent, where each is to arrive once: told (`report`), told unless they say the same as another (`allow-identical`), or not told (`allow`). */
export type DuplicatePolicy = 'report' | 'allow-identical' | 'allow';
export const DUPLICATE_POLICIES = ['report', 'allow-identical', 'allow'] as const satisfies readonly DuplicatePolicy[];

export interface Stage {
  readonly id: string;
  /** An observer tells of what it sees, and is compared with nobody. */
  readonly role: 'source' | 'integration' | 'target' | 'observer';
  /** The system that the stage stands in; the stage's own name where nothing is said. */
  readonly system?: string | undefined;
  /** Of an observer: the share of its events that is kept, by correlation id. */
  readonly sampleRate?: number | undefined;
  /** Where an event of this stage names the business keys that it is about, when these are several: `orders` or `lines[].order`. It is a record for each of them. */
  readonly keys?: string | undefined;
}

/** Where a business fact goes from and to. Of several stages the events count together: it may take either way. */
export interface Hop {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly cardinality: Cardinality;
}

/** The stages that must agree, in their order. */
export const comparedStages = ({ stages }: Pick<ProcessDefinition, 'stages'>): string[] =>
  stages.filter(({ role }) => role !== 'observer').map(({ id }) => id);

/** What one judgement may take until it is broken off, and what it did not look at is undecided. None: as much as it needs. */
export interface JudgementBudget {
  readonly seconds?: number | undefined;
  /** Events that may be looked at key by key. */
  readonly rows?: number | undefined;
  /** Of their agreed fields, in characters. */
  readonly bytes?: number | undefined;
  readonly discrepancies?: number | undefined;
}

/** Days, weeks, months or business days as the clocks of a zone have them. */
export interface CalendarTerms {
  readonly unit: 'day' | 'week' | 'month' | 'business-day';
  /** Of the IANA database. */
  readonly zone: string;
  /** When a day begins, `HH:MM`; at midnight where nothing is said. */
  readonly startsAt?: string | undefined;
  /** Of business days: dates that are none. */
  readonly holidays?: readonly string[] | undefined;
  /** Of business days: days of the week that are none, Monday being 1; Saturday and Sunday where nothing is said. */
  readonly weekend?: readonly number[] | undefined;
}

/** How a process's time is cut into windows: one of `seconds`, `calendar` and `opensOn`. */
export interface WindowTerms {
  /** Whether windows open by themselves. */
  readonly scheduled: boolean;
  /** Their length. */
  readonly seconds?: number | undefined;
  /** Sliding windows: one of `seconds` ends every so many seconds, so that they share time. */
  readonly every?: number | undefined;
  readonly calendar?: CalendarTerms | undefined;
  /** From one event of this type at this stage, the end of a batch, to the next one. */
  readonly opensOn?: { readonly stage: string; readonly type: string } | undefined;
}

/** When a stage has told everything up to a time. */
export interface WatermarkTerms {
  /** Every source of a stage must have come so far, but those that have sent nothing for so long. Without it, one source is enough. */
  readonly idleSeconds: number;
}

/** A business process as it crosses systems. */
export interface ProcessDefinition {
  readonly description?: string | undefined;
  /** In the order in which a business fact reaches them; two or more. */
  readonly stages: readonly Stage[];
  readonly fields: readonly AgreedField[];
  readonly cardinality: Cardinality;
  /** None: each stage that is compared with the next one, by the process's cardinality. */
  readonly hops?: readonly Hop[] | undefined;
  /** `report` where nothing is said. */
  readonly duplicates?: DuplicatePolicy | undefined;
  /** How long after its end a window waits for what is late. */
  readonly graceSeconds: number;
  readonly window: WindowTerms;
  readonly watermark?: WatermarkTerms | undefined;
  readonly budget?: JudgementBudget | undefined;
  /** Of records that come from now on; those that are stored stay where they are. */
  readonly retentionClass: RetentionClass;
  /** What holds of its records where they do not say it themselves, as attributes of these names: retention goes by it. */
  readonly records?:
    | {
        readonly severity?: string | undefined;
        readonly environment?: string | undefined;
        readonly region?: string | undefined;
      }
    | undefined;
  /** The escalation policy that pages when a window has gaps. */
  readonly escalationPolicy?: string | undefined;
  /** Who answers for the process. */
  readonly owner?: string | undefined;
  /** Where it says what to do about gaps. */
  readonly runbook?: string | undefined;
  /** Where its events say what a case is worth: paths such as `total.amount`. */
  readonly value?: { readonly amount: string; readonly currency: string } | undefined;
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
    fields.map(({ name, tolerance, at, compare = 'each', normalise = [], decimals = null, nulls = 'equal' }) => {
      const terms = [name, tolerance?.kind === 'case' ? 'case' : 'value'];
      // What says nothing beyond its name is named as ever.
      const more = [at ?? {}, compare, normalise, decimals, nulls];
      return JSON.stringify(more) === PLAIN ? terms : [...terms, ...more];
    }),
  );
  let hash = 2_166_136_261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619);
  return hash >>> 0;
}

const PLAIN = JSON.stringify([{}, 'each', [], null, 'equal']);
