import type { Cardinality } from '@holdfast/domains/catalog/core/process';

/** Count and digest of a stage in a window, of the events that were hashed by one definition of the process. Digests are sums modulo 2^64, as decimal text. */
interface Digest {
  readonly stage: string;
  readonly definition: number;
  readonly events: number;
  readonly digestSum: string;
}

/**
 * What counts and digests say of a window before any key is looked at:
 * `equal`: every stage has the same events; `unequal`: some key differs; `other-definition`: digests were made of other fields and say nothing.
 * In 1:n stages differ in their counts by nature, so that keys have to be looked at.
 */
export function levelStages(
  digests: readonly Digest[],
  stages: readonly string[],
  definition: number,
  cardinality: Cardinality,
): 'equal' | 'unequal' | 'other-definition' {
  const own = digests.filter(({ stage }) => stages.includes(stage));
  if (own.length === 0) return 'equal';
  if (own.some((one) => one.definition !== definition)) return 'other-definition';
  if (cardinality === '1:n') return 'unequal';
  const [first] = own;
  return own.length === stages.length &&
    own.every(({ events, digestSum }) => events === first!.events && digestSum === first!.digestSum)
    ? 'equal'
    : 'unequal';
}

/** A text that changes when anything arrives that the window has to be judged for again. */
export const fingerprintOf = (digests: readonly Digest[]): string =>
  digests
    .map(({ stage, definition, events, digestSum }) => `${stage}:${definition}:${events}:${digestSum}`)
    .sort()
    .join(' ');
