import { after, type Day, dayOf } from '@holdfast/domains/retention/core/period';
import { APART, type NamedPolicy, tiersOf } from '@holdfast/domains/retention/core/policy';

/** What is known of an archive without opening it. */
export interface ArchivedSpan {
  readonly class: string;
  /** A month of receipt, such as 202601. */
  readonly period: string;
  /** The first and the last process of its records, in the order of their names. */
  readonly firstProcess: string;
  readonly lastProcess: string;
}

/**
 * Whether a policy of today may want records of an archive for longer, though its own time is over. It is not looked into: whatever may match counts, so that nothing goes too early.
 */
export function mustBeKept(archive: ArchivedSpan, policies: readonly NamedPolicy[], today: Day): boolean {
  const [year, month] = [Number(archive.period.slice(0, 4)), Number(archive.period.slice(4))];
  const last = dayOf(Date.UTC(year, month, 1) * 1000); // the day after the last one of receipt
  return policies.some(({ policy }) => {
    if (!mayMatch(policy, archive)) return false;
    if (policy.startsOn) return true; // nobody knows any more when it began
    const periods = [tiersOf(policy.tiers).archive, policy.statute?.minimum];
    return periods.some((period) => period === 'forever' || (period !== undefined && after(last, period) > today));
  });
}

function mayMatch({ enabled, match }: NamedPolicy['policy'], archive: ArchivedSpan): boolean {
  const { firstProcess, lastProcess } = archive;
  const hasClass = match.classes === undefined ? !APART.has(archive.class) : match.classes.includes(archive.class);
  const hasProcess = match.processes?.some((one) => one >= firstProcess && one <= lastProcess) ?? true;
  return enabled && hasClass && hasProcess;
}
