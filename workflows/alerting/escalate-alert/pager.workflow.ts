import { type AlertToEscalate, dedupKeyOf, type PagePlace } from '@holdfast/domains/alerting/core/alert';
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
  /** Whom each step has paged. */
  private readonly paged = new Map<string, Set<string>>();

  constructor(
    private readonly alertNow: () => AlertToEscalate,
    private readonly raisedAt: Micros,
    private readonly followUps: FollowUps,
    private readonly journal: Journal,
    private readonly heard: Heard,
  ) {
    for (const { dedupKey, destination } of followUps.all())
      this.pagedIn(stepOf(dedupKey)).add(JSON.stringify(destination));
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
   * Pages whom the step has not paged yet, without waiting for them. A page of the level that was never accepted is given up first: after an outage nobody is to be
   * notified once for each repeat.
   * @param isMore these come beside those whom the step has paged
   * @returns how many
   */
  page({ level, repeat }: Step, { pages, nobody }: Extract<Prepared, { is: 'loud' }>, isMore: boolean): number {
    if (!isMore) this.giveUp('superseded', level);
    for (const one of nobody) void this.journal.note({ kind: 'nobody', level, repeat, ...one });
    const known = this.pagedIn(`L${level}/R${repeat}`);
    let count = 0;
    for (const one of pages) {
      const who = JSON.stringify(one.destinations[0]);
      if (known.has(who)) continue;
      known.add(who);
      count += 1;
      void this.send({ level, repeat, target: known.size }, one);
    }
    return count;
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
      void note({ kind: 'paged', ...pageTo(used) }, acceptedAt);
      this.heard.accepted({ level, repeat });
    } catch (error) {
      const { givenUpBecause } = mine;
      void note({ kind: 'page_failed', code: givenUpBecause ?? codeOf(error), ...pageTo(0) });
      if (givenUpBecause === undefined) {
        this.heard.refused({ level, repeat }); // there is nothing to close
        return;
      }
      // It may have been delivered all the same, to any of them; of those, PagerDuty can be told by the key alone.
      for (const destination of destinations)
        if (destination.kind === 'pagerduty') this.followUps.keep({ dedupKey, destination, ref: '', told: 'nothing' });
    } finally {
      this.underWay.delete(mine);
    }
  }

  private pagedIn(step: string): Set<string> {
    const known = this.paged.get(step) ?? new Set<string>();
    this.paged.set(step, known);
    return known;
  }
}

/** `L1/R0`, as {@link Pager.page} names it. */
const stepOf = (dedupKey: string): string => dedupKey.split('/', 3).slice(1).join('/');
