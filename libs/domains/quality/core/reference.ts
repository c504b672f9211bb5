import { askedBy } from './evaluation';
import type { DataSet } from '@holdfast/domains/comparisons/core/data-set';
import type { Observation, Scope } from '@holdfast/domains/findings/core/finding';
import type { Micros } from '@holdfast/kernel';

/** Keys that came to a stage of another process. */
export interface BusinessStage {
  readonly kind: 'stage';
  readonly process: string;
  readonly stage: string;
}

/** Keys in a column of a table or file that an operator configured a connection to. */
export interface BusinessDataSet {
  readonly kind: 'data-set';
  readonly dataSet: DataSet;
  /** The column with the keys: texts, whole numbers or UUIDs. Rows without one do not count. */
  readonly key: string;
  /** The column that says when a row came. Where it is not given, rows of any time are compared. */
  readonly since?: string;
}

/** A table of business data. */
export type Business = BusinessStage | BusinessDataSet;

/** What is tracked at a stage and what is in a table of business data are to be the same keys. */
export interface ReferenceDefinition {
  readonly description?: string | undefined;
  readonly process: string;
  readonly stage: string;
  readonly business: Business;
  /** Keys that came so long ago are looked at, on both sides. */
  readonly lookbackHours: number;
  /** How long a key may be on one side alone. */
  readonly graceSeconds: number;
  /** How often it is checked by itself. */
  readonly everySeconds: number;
  readonly owner: string;
  readonly escalationPolicy?: string | undefined;
  readonly enabled: boolean;
}

/** What a check came to. */
export interface Check {
  readonly checkedAt: Micros;
  readonly version: number;
  /** Keys that came in [coversFrom, coversTo). */
  readonly coversFrom: Micros;
  readonly coversTo: Micros;
  readonly tracked: number;
  readonly business: number;
  readonly orphansInTracking: number;
  readonly orphansInBusiness: number;
  /** The first of them, in the order of keys. */
  readonly examplesInTracking: readonly string[];
  readonly examplesInBusiness: readonly string[];
  /** Why it came to nothing, and the counts say nothing; undefined when it came to its end. */
  readonly failure?: CheckFailure | undefined;
}

export interface CheckFailure {
  /** Of a problem. */
  readonly code: string;
  readonly detail: string;
}

/** Which side has a key that the other does not show. */
export type Side = 'tracking' | 'business';
/** What a step of the merge says: a key that both have, or one of one side alone. */
export type Merged = { readonly side: Side | 'both'; readonly key: string };

/** The order of keys: that of their UTF-8 bytes, as stores have it. The order of JavaScript differs beyond the basic plane. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}
/** Surrogates stand for what comes behind all other units: moved there, units are in the order of code points, and so of bytes (RFC 3629). */
const rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);

/**
 * Merges two streams of keys that are in order and distinct: reads each once and holds a page of each.
 * @throws Error when a stream is not in order: nothing that was found of it would be true
 */
export async function* mergeKeys(
  tracked: AsyncIterable<readonly string[]>,
  business: AsyncIterable<readonly string[]>,
): AsyncGenerator<Merged> {
  const sides = [inOrder(tracked), inOrder(business)] as const;
  try {
    let [left, right] = [await sides[0].next(), await sides[1].next()];
    while (left.done !== true || right.done !== true) {
      const order = left.done === true ? 1 : right.done === true ? -1 : compareKeys(left.value, right.value);
      if (order === 0) yield { side: 'both', key: left.value as string };
      else if (order < 0) yield { side: 'tracking', key: left.value as string };
      else yield { side: 'business', key: right.value as string };
      if (order <= 0) left = await sides[0].next();
      if (order >= 0) right = await sides[1].next();
    }
  } finally {
    await Promise.all(sides.map((side) => side.return(undefined)));
  }
}

async function* inOrder(pages: AsyncIterable<readonly string[]>): AsyncGenerator<string, undefined> {
  let last: string | undefined;
  for await (const page of pages)
    for (const key of page) {
      if (last !== undefined && compareKeys(last, key) >= 0) throw new Error('keys are not in order');
      last = key;
      yield key;
    }
  return undefined;
}

/** Where findings of a reference stand. */
export const scopeOf = ({ process, stage }: ReferenceDefinition): Scope => ({ source: '', process, stage });

const KIND_OF = { tracking: 'orphan_in_tracking', business: 'orphan_in_business' } as const;

/** What findings hear of a check. @param before the last one; undefined for none */
export function orphansFrom(
  id: string,
  reference: ReferenceDefinition,
  check: Check,
  before: Check | undefined,
): Observation[] {
  const count = { tracking: check.orphansInTracking, business: check.orphansInBusiness };
  const earlier = { tracking: before?.orphansInTracking ?? 0, business: before?.orphansInBusiness ?? 0 };
  return (['tracking', 'business'] as const).map((side) => ({
    kind: KIND_OF[side],
    scope: scopeOf(reference),
    begins: '',
    // More than before is news; fewer are told, and do not open again what somebody has closed.
    standing: count[side] === 0 ? 'gone' : count[side] > earlier[side] ? 'present' : 'changed',
    extent: {
      numbers: undefined,
      fromAt: check.coversFrom,
      toAt: check.checkedAt,
      cases: count[side],
      measures: { tracked: check.tracked, business: check.business },
    },
    adds: false,
    asked: askedBy(`reference/${id}`, reference, true),
  }));
}
