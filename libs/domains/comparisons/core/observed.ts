import type { Asked, Observation } from '@holdfast/domains/findings/core/finding';
import { type ComparisonStanding, differencesIn } from './run';

/**
 * What a scheduled comparison says of its definition: whether its data sets differ, and whether it could be told at all. One that ended early without a difference
 * tells nothing of the rest; one that was stopped tells nothing.
 */
export function observedOf(
  { definition, state, counts, askedAt, endedAt, result }: ComparisonStanding,
  whom: Pick<Asked, 'owner' | 'policy'>,
): Observation[] {
  if (state === 'running' || state === 'stopped') return [];
  const cases = differencesIn(counts);
  const observed = (kind: Observation['kind'], standing: Observation['standing']): Observation => ({
    ...{ kind, standing, begins: '', adds: false },
    scope: { source: '', process: '', stage: '' },
    extent: {
      numbers: undefined,
      fromAt: askedAt,
      toAt: endedAt ?? askedAt,
      cases: kind === 'data_sets_differ' ? cases : 0,
      measures: { added: counts.added, removed: counts.removed, changed: counts.changed },
    },
    asked: { subject: `comparison/${definition}`, ...whom },
  });
  if (state === 'failed') return [observed('comparison_failed', 'present')];
  const isOver = observed('comparison_failed', 'gone');
  if (cases > 0) return [isOver, observed('data_sets_differ', 'present')];
  return result?.partial === undefined ? [isOver, observed('data_sets_differ', 'gone')] : [isOver];
}
