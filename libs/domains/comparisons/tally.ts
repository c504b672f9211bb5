import type { Budget, Counts, Difference, ResumePoint, Spent } from './core/comparison';

/** What a comparison has found and used so far, with what an earlier run had. */
export class Tally {
  added = 0;
  removed = 0;
  changed = 0;
  same = 0;
  settled = 0;
  private bytes = 0;
  private readonly before: Spent;

  /** @param startedAt by `performance.now()` */
  constructor(
    resume: ResumePoint | undefined,
    private readonly startedAt: number,
  ) {
    this.before = resume?.spent ?? { rows: 0, bytes: 0, seconds: 0 };
    if (resume) Object.assign(this, resume.counts);
  }

  get counts(): Counts {
    const { added, removed, changed, same } = this;
    return { added, removed, changed, same };
  }

  get rows(): { readonly source: number; readonly target: number } {
    const { added, removed, changed, same } = this;
    return { source: same + changed + removed, target: same + changed + added };
  }

  /** Of both sides. */
  get rowsSeen(): number {
    return 2 * (this.same + this.changed) + this.removed + this.added;
  }

  get spent(): Spent {
    return {
      rows: this.rowsSeen,
      bytes: this.before.bytes + this.bytes,
      seconds: this.before.seconds + (performance.now() - this.startedAt) / 1000,
    };
  }

  read(bytes: number): void {
    this.bytes += bytes;
  }

  found(differences: readonly Difference[]): void {
    for (const { is } of differences) this[is]++;
  }

  /** Counts what is still so on a second look instead of what was found on the first. */
  settle(found: readonly Difference[], still: readonly Difference[], same: number): void {
    for (const { is } of found) this[is]--;
    this.found(still);
    this.same += same;
    this.settled += found.length - still.length;
  }

  /** The budget that is used up. */
  over(budget: Budget): keyof Budget | undefined {
    const { rows, bytes, differences, seconds } = budget;
    if (rows !== undefined && this.rowsSeen >= rows) return 'rows';
    if (bytes !== undefined && this.before.bytes + this.bytes >= bytes) return 'bytes';
    if (differences !== undefined && this.added + this.removed + this.changed >= differences) return 'differences';
    return seconds !== undefined && this.spent.seconds >= seconds ? 'seconds' : undefined;
  }
}
