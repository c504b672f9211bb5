import {
  type AlertToEscalate,
  dedupKeyOf,
  type Destination,
  type PagePlace,
} from '@holdfast/domains/alerting/core/alert';
import type { Step } from '@holdfast/domains/alerting/core/escalation';
import type { Micros } from '@holdfast/kernel';
import { activitiesOf } from '@holdfast/platform/workflow-kit';
import { CancellationScope, condition } from '@temporalio/workflow';
import { type Addressee, escalateAlert, type Prepared } from './contract';
import { codeOf, type FollowUps } from './follow-ups.workflow';
import type { Journal } from './journal.workflow';

const { page: sendPage } = activitiesOf(escalateAlert);

/** A page that no channel has accepted yet. */
interface PageUnderWay {
  readonly level: number;
  readonly scope: CancellationScope;
  givenUpBecause?: 'answered' | 'superseded';
}

/** What becomes of a page. */
export interface Heard {
  accepted(step: Step): void;
  /** Refused for good. One that was given up is not told. */
  refused(step: Step): void;
}

/** Sends the pages of one escalation. */
export class Pager {
  private readonly underWay = new Set<PageUnderWay>();
  /** How many pages each step has sent, and whom it paged last. */
  private readonly steps = new Map<string, { count: number; who: ReadonlySet<string> }>();

  constructor(
    private readonly alertNow: () => AlertToEscalate,
    private readonly raisedAt: Micros,
    private readonly followUps: FollowUps,
    private readonly journal: Journal,
    private readonly heard: Heard,
    numbered: Readonly<Record<string, number>>,
  ) {
    for (const [step, count] of Object.entries(numbered)) this.steps.set(step, { count, who: new Set() });
  }

  /** How many pages each step has sent. */
  get numbered(): Record<string, number> {
    return Object.fromEntries([...this.steps].map(([step, { count }]) => [step, count]));
  }

  get countUnderWay(): number {
    return this.underWay.size;
  }

  /** Pages that were never accepted are not tried further: of one level, or all. */
  giveUp(because: 'answered' | 'superseded', level?: number): void {
    for (const one of this.underWay) {
      if (level !== undefined && one.level !== level) continue;
      one.givenUpBecause ??= because;
      one.scope.cancel();
    }
  }

  /**
   * Pages for a step, without waiting for it. A page of the level that was never accepted is given up before: after an outage nobody is to be notified once for each repeat.
   * @param as `handover`: beside those who have it already, who are not paged again; `more`: whom somebody names, whoever was paged before
   * @returns how many
   */
  page(
    { level, repeat }: Step,
    { pages, nobody }: Extract<Prepared, { is: 'loud' }>,
    as: 'level' | 'handover' | 'more',
  ): number {
    if (as === 'level') this.giveUp('superseded', level);
    for (const one of nobody) void this.journal.note({ kind: 'nobody', level, repeat, ...one });
    const step = `L${level}/R${repeat}`;
    const before = this.steps.get(step) ?? { count: 0, who: new Set<string>() };
    // Two targets may stand for the same person.
    const all = new Map(pages.map((one) => [JSON.stringify(one.destinations[0]), one]));
    const fresh = [...all].filter(([who]) => as !== 'handover' || !before.who.has(who));
    this.steps.set(step, {
      count: before.count + fresh.length,
      who: as === 'more' ? before.who : new Set(all.keys()),
    });
    fresh.forEach(([, one], i) => void this.send({ level, repeat, target: before.count + i + 1 }, one));
    return fresh.length;
  }

  /** Until each page is accepted or given up: a trigger that came after its resolve would open a new incident. */
  async settled(): Promise<void> {
    await condition(() => this.underWay.size === 0);
  }

  private async send(place: PagePlace, { person, destinations }: Addressee): Promise<void> {
    const { level, repeat } = place;
    const { note } = this.journal;
    const alert = this.alertNow();
    const dedupKey = dedupKeyOf(alert.alertId, place);
    const mine: PageUnderWay = { level, scope: new CancellationScope() };
    this.underWay.add(mine);
    const pageTo = (index: number) => ({ ...place, person, dedupKey, destination: destinations[index]! });
    try {
      const { acceptedAt, used, ref, failed } = await mine.scope.run(() =>
        sendPage({ alert, place, dedupKey, person, destinations, raisedAt: this.raisedAt }),
      );
      failed.forEach((code, index) => void note({ kind: 'fell_back', code, ...pageTo(index) }, acceptedAt));
      this.followUps.keep({ dedupKey, destination: destinations[used]!, ref, told: 'nothing' });
      this.keepByKey(dedupKey, destinations.slice(0, used)); // its answer may have got lost
      void note({ kind: 'paged', ...pageTo(used) }, acceptedAt);
      this.heard.accepted({ level, repeat });
    } catch (error) {
      const { givenUpBecause } = mine;
      void note({ kind: 'page_failed', code: givenUpBecause ?? codeOf(error), ...pageTo(0) });
      if (givenUpBecause === undefined) {
        this.heard.refused({ level, repeat }); // there is nothing to close
        return;
      }
      this.keepByKey(dedupKey, destinations); // it may have been delivered all the same
    } finally {
      this.underWay.delete(mine);
    }
  }

  /** Where a page may have arrived without our knowing: of those, PagerDuty can be told by the key alone. */
  private keepByKey(dedupKey: string, destinations: readonly Destination[]): void {
    for (const destination of destinations)
      if (destination.kind === 'pagerduty') this.followUps.keep({ dedupKey, destination, ref: '', told: 'nothing' });
  }
}
