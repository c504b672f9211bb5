import type { Micros } from '@holdfast/kernel';
import type { KindOfHour } from '@holdfast/domains/oncall/core/fairness';

/** Of those that something happened to: by how many seconds it had for half of them, and for nine of ten. */
export interface Seconds {
  readonly median: number;
  readonly p90: number;
}

/** How alerts were answered. Each time has the alerts that it is of as its denominator; those that it does not apply to are counted, and never taken for 0. */
export interface Answered {
  readonly alerts: number;
  /** Somebody acknowledged. */
  readonly acknowledged: number;
  /** Somebody did anything: acknowledged, snoozed, took back, reassigned, added responders, changed severity or policy, resolved by hand. */
  readonly engaged: number;
  /** Of those that were engaged with. */
  readonly resolved: number;
  /** Over without that anybody did anything. */
  readonly healedUnseen: number;
  readonly secondsToFirstAck: Seconds | undefined;
  readonly secondsToEngage: Seconds | undefined;
  readonly secondsToResolve: Seconds | undefined;
  readonly secondsToHeal: Seconds | undefined;
}
export interface AnsweredBy extends Answered {
  readonly name: string;
}

/** Pages to one person that come within this long of the first are one interruption. */
const ONE_INTERRUPTION: Micros = 5 * 60_000_000;

/** A page that was accepted, and whom it was for. */
export interface PageToPerson {
  readonly person: string;
  readonly at: Micros;
}
/** How often somebody was interrupted, by what the hour was where the person lives. */
export interface Interruptions extends Record<KindOfHour, number> {
  readonly person: string;
  readonly pages: number;
  readonly interruptions: number;
}

/**
 * Counts interruptions. A page is one unless it comes within five minutes of the page that began the last one: pages every few minutes all night are many.
 * Takes pages by person, and of each in the order of time.
 */
export class InterruptionCount {
  private readonly counted = new Map<string, { -readonly [K in keyof Interruptions]: Interruptions[K] }>();
  private began = { person: '', at: -Infinity };

  /** @param kindOf undefined where nobody knows how the person's hours lie: counted, and of no kind */
  constructor(private readonly kindOf: (page: PageToPerson) => KindOfHour | undefined) {}

  add(page: PageToPerson): void {
    const { person, at } = page;
    const sum = this.counted.get(person) ?? newCount(person);
    this.counted.set(person, sum);
    sum.pages += 1;
    if (this.began.person === person && at - this.began.at < ONE_INTERRUPTION) return;
    this.began = { person, at };
    sum.interruptions += 1;
    const kind = this.kindOf(page);
    if (kind) sum[kind] += 1;
  }

  /** Those with the most first. */
  all(): Interruptions[] {
    return [...this.counted.values()].sort(
      (a, b) => b.interruptions - a.interruptions || (a.person < b.person ? -1 : 1),
    );
  }
}

const newCount = (person: string) => ({
  ...{ person, pages: 0, interruptions: 0 },
  ...{ business: 0, off: 0, sleep: 0, weekend: 0 },
});

/** Sources of alerts that nobody ever did anything about, and that are over: they wake people for nothing. */
export const neverActioned = (sources: readonly AnsweredBy[]): AnsweredBy[] =>
  sources.filter(({ alerts, healedUnseen }) => healedUnseen === alerts);
