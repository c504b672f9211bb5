import type { Labels } from './alert';
import type { Grouping } from './escalation-policy';

/** The labels that a group has in common; an alert without one of them has '' there. */
export function groupLabels(labels: Labels, { by }: Pick<Grouping, 'by'>): Record<string, string> {
  return Object.fromEntries([...by].sort().map((name) => [name, labels[name] ?? '']));
}
