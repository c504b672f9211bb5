import type { Day } from './period';
import type { RecordTraits } from './policy';
import type { KeptRecord, Verdict } from './precedence';

/** Records of one partition that no policy can tell apart. */
export interface RecordGroup extends KeptRecord {
  readonly partition: string;
  readonly records: number;
  readonly bytes: number;
}

/** What a change would do to records: delete what is not due now, keep what is, or move the day on which they go. */
export const IMPACTS = ['deletes', 'keeps', 'sooner', 'later', 'none'] as const;
export type Impact = (typeof IMPACTS)[number];

export interface Amount {
  readonly records: number;
  readonly bytes: number;
}
export const NOTHING: Amount = { records: 0, bytes: 0 };
const plus = (a: Amount, b: Amount): Amount => ({ records: a.records + b.records, bytes: a.bytes + b.bytes });

export function impactOf(before: Verdict, after: Verdict, today: Day): Impact {
  const [old, next] = [before.goesOn ?? Infinity, after.goesOn ?? Infinity];
  if (next <= today && old > today) return 'deletes';
  if (old <= today && next > today) return 'keeps';
  if (next === old) return 'none';
  return next < old ? 'sooner' : 'later';
}

/** Records of a partition, a process and a class that a change does the same to. */
export interface ImpactGroup extends Amount, Pick<RecordTraits, 'process' | 'class'> {
  readonly partition: string;
  readonly impact: Exclude<Impact, 'none'>;
  /** The first and the last day on which any of them goes after the change; Infinity: not as things stand. */
  readonly firstGoes: Day;
  readonly lastGoes: Day;
}

/** The most groups that are told one by one; the sums are of all. */
const MOST_GROUPS = 1_000;

/** Adds up what a change does, group by group, in bounded memory. */
export class ImpactSums {
  private readonly groups = new Map<string, ImpactGroup>();
  private readonly sums = new Map<Impact, Amount>(IMPACTS.map((impact) => [impact, NOTHING]));
  /** Whether there were more groups than are told. */
  cut = false;

  add({ partition, process, class: of, records, bytes }: RecordGroup, impact: Impact, goesOn: Day | undefined): void {
    const amount = { records, bytes };
    this.sums.set(impact, plus(this.sums.get(impact)!, amount));
    if (impact === 'none') return;
    const name = JSON.stringify([partition, process, of, impact]);
    const known = this.groups.get(name);
    if (!known && this.groups.size >= MOST_GROUPS) {
      this.cut = true;
      return;
    }
    const goes = goesOn ?? Infinity;
    this.groups.set(name, {
      ...{ partition, process, class: of, impact, ...plus(known ?? NOTHING, amount) },
      firstGoes: Math.min(known?.firstGoes ?? Infinity, goes),
      lastGoes: Math.max(known?.lastGoes ?? -Infinity, goes),
    });
  }

  sum(impact: Impact): Amount {
    return this.sums.get(impact)!;
  }

  /** What is deleted first, then the most records first. */
  list(): readonly ImpactGroup[] {
    const rank = ({ impact }: ImpactGroup): number => IMPACTS.indexOf(impact);
    return [...this.groups.values()].sort(
      (a, b) => rank(a) - rank(b) || b.records - a.records || (a.partition < b.partition ? -1 : 1),
    );
  }
}
