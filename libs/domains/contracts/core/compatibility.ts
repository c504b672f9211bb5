import type { CompatibilityMode, ContractDefinition } from './contract';
import { type Narrowing, narrowings } from './narrowings';
import { upcastSchema } from './upcast';

/** Why a version does not go with another one. */
export interface Incompatibility extends Narrowing {
  /** The version that it was compared with. */
  readonly against: number;
  readonly direction: 'backward' | 'forward';
}

type Comparable = Pick<ContractDefinition, 'schema' | 'nulls' | 'mandatoryTags' | 'upcast' | 'compatibility'>;

/**
 * Holds a new version against the earlier ones as its mode asks.
 * @param earlier versions from 1 on, without gaps
 */
export function incompatibilities(
  next: Comparable,
  earlier: readonly (Comparable & { readonly version: number })[],
): Incompatibility[] {
  const { backward, forward } = TERMS[next.compatibility];
  return comparedVersions(next.compatibility, earlier).flatMap((old) => {
    const said = (direction: 'backward' | 'forward', all: readonly Narrowing[]): Incompatibility[] =>
      all.map((one) => ({ against: old.version, direction, ...one }));
    const steps = [...earlier.filter(({ version }) => version > old.version), next].flatMap((one) => one.upcast);
    const reads = upcastSchema(old.schema, steps);
    return [
      ...(backward
        ? said(
            'backward',
            reads === undefined
              ? [{ path: '', reason: 'its up-cast leads through parts of the schema that cannot be followed' }]
              : [...narrowings(reads, next.schema), ...ruleNarrowings(old, next)],
          )
        : []),
      ...(forward ? said('forward', [...narrowings(next.schema, old.schema), ...ruleNarrowings(next, old)]) : []),
    ];
  });
}

/** Those of the earlier versions, oldest first, that a new one is held against. */
export function comparedVersions<V>(mode: CompatibilityMode, earlier: readonly V[]): readonly V[] {
  const { backward, forward, transitive } = TERMS[mode];
  if (!backward && !forward) return [];
  return transitive ? earlier : earlier.slice(-1);
}

const TERMS: Readonly<Record<CompatibilityMode, { backward: boolean; forward: boolean; transitive: boolean }>> = {
  none: { backward: false, forward: false, transitive: false },
  backward: { backward: true, forward: false, transitive: false },
  backward_transitive: { backward: true, forward: false, transitive: true },
  forward: { backward: false, forward: true, transitive: false },
  forward_transitive: { backward: false, forward: true, transitive: true },
  full: { backward: true, forward: true, transitive: false },
  full_transitive: { backward: true, forward: true, transitive: true },
};

/** What stands beside the schemas: tags, and what null means. */
function ruleNarrowings(from: Comparable, to: Comparable): Narrowing[] {
  const tags = to.mandatoryTags
    .filter((tag) => !from.mandatoryTags.includes(tag))
    .map((tag) => ({ path: '', reason: `the tag ${tag} is mandatory in one and not in the other` }));
  const same = from.nulls === to.nulls || (from.nulls === 'forbidden' && to.nulls !== 'forbidden');
  return same
    ? tags
    : [...tags, { path: '', reason: `null means another thing: ${to.nulls} instead of ${from.nulls}` }];
}
