import type { FieldProblem } from '@holdfast/kernel';
import { mayBeShorter, type Period } from './period';
import {
  APART,
  type NamedPolicy,
  type PolicyMatch,
  type RetentionPolicyDefinition,
  startName,
  tiersOf,
} from './policy';

/** A period, or `forever`. */
type End = Period;
/** Whether it may end before another one does. */
const endsBefore = (one: End, other: End): boolean =>
  one !== 'forever' && (other === 'forever' || mayBeShorter(one, other));

/** What contradicts itself in a policy, or its statute. */
export function problemsOf({ action, tiers, statute, explicit }: RetentionPolicyDefinition): FieldProblem[] {
  const { hot, cold, archive } = tiersOf(tiers);
  const problems: FieldProblem[] = [];
  const wrong = (field: string, reason: string): void => void problems.push({ field, reason });
  if (mayBeShorter(cold, hot)) wrong('tiers.cold', `ends before the hot tier does, after ${hot}`);
  if (endsBefore(archive, cold)) wrong('tiers.archive', `ends before the cold tier does, after ${cold}`);
  if (archive === 'forever' && action === 'delete')
    wrong('tiers.archive', 'cannot be forever where the action is delete');
  if (!statute) return problems;
  const { minimum, maximum } = statute;
  if (minimum === undefined && maximum === undefined) wrong('statute', 'says neither a minimum nor a maximum');
  if (!explicit) wrong('explicit', 'must be true of a policy that follows a statute');
  if (minimum !== undefined && maximum !== undefined && mayBeShorter(maximum, minimum))
    wrong('statute.maximum', `is shorter than the minimum, ${minimum}`);
  if (minimum !== undefined && endsBefore(archive, minimum))
    wrong('tiers.archive', `ends before the statutory minimum, ${minimum} (${statute.source})`);
  if (maximum !== undefined && endsBefore(maximum, archive))
    wrong('tiers.archive', `ends after the statutory maximum, ${maximum} (${statute.source})`);
  return problems;
}

/** Whether a record may match both. Of regulatory categories a record may have several; classes that stand apart are matched where they are named, alone. */
function overlap(one: RetentionPolicyDefinition, other: RetentionPolicyDefinition): boolean {
  const meet = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
    a === undefined || b === undefined || a.some((value) => b.includes(value));
  const dimensions = ['processes', 'severities', 'environments', 'regions'] as const;
  const ofClass = (wanted: PolicyMatch, others: PolicyMatch): boolean =>
    wanted.classes === undefined || others.classes !== undefined || wanted.classes.some((name) => !APART.has(name));
  return (
    dimensions.every((dimension) => meet(one.match[dimension], other.match[dimension])) &&
    meet(one.match.classes, other.match.classes) &&
    ofClass(one.match, other.match) &&
    ofClass(other.match, one.match)
  );
}

/**
 * Where a policy and others, of which a record may match both, cannot both be followed: one keeps what the statute of another has deleted by then, or deletes what it has kept. Only of those
 * that count from the same start; of others nobody can tell before the events have happened, and retaining goes before deleting then.
 */
export function contradictions(policy: RetentionPolicyDefinition, others: readonly NamedPolicy[]): FieldProblem[] {
  if (!policy.enabled) return [];
  return others
    .filter((other) => other.policy.enabled && overlap(policy, other.policy))
    .filter((other) => startName(other.policy.startsOn) === startName(policy.startsOn))
    .flatMap((other) => between(policy, other));
}

function between(policy: RetentionPolicyDefinition, { id, policy: other }: NamedPolicy): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const wrong = (field: string, reason: string): void => void problems.push({ field, reason });
  const [own, theirs] = [tiersOf(policy.tiers).archive, tiersOf(other.tiers).archive];
  const [mine, law] = [policy.statute, other.statute];
  if (law?.maximum !== undefined && policy.action === 'retain' && endsBefore(law.maximum, own))
    wrong('tiers.archive', `retains longer than the statutory maximum of ${id}, ${law.maximum} (${law.source})`);
  if (law?.minimum !== undefined && policy.action === 'delete' && endsBefore(own, law.minimum))
    wrong('tiers.archive', `deletes before the statutory minimum of ${id}, ${law.minimum} (${law.source})`);
  if (mine?.maximum !== undefined && other.action === 'retain' && endsBefore(mine.maximum, theirs))
    wrong('statute.maximum', `${id} retains longer, for ${theirs}`);
  if (mine?.minimum !== undefined && other.action === 'delete' && endsBefore(theirs, mine.minimum))
    wrong('statute.minimum', `${id} deletes before, after ${theirs}`);
  if (mine?.minimum !== undefined && law?.maximum !== undefined && mayBeShorter(law.maximum, mine.minimum))
    wrong('statute.minimum', `is longer than the statutory maximum of ${id}, ${law.maximum} (${law.source})`);
  if (mine?.maximum !== undefined && law?.minimum !== undefined && mayBeShorter(mine.maximum, law.minimum))
    wrong('statute.maximum', `is shorter than the statutory minimum of ${id}, ${law.minimum} (${law.source})`);
  return problems;
}
