import { Injectable } from '@nestjs/common';
import { microsOf } from '@holdfast/kernel';
import { itemId, type QueuedItem } from '../core/quarantine';
import type { Readmitted } from '../intake/readmission';
import { type StoredIdentity, TrackingStore } from '../tracking.store';
import { type Departure, type NewStep, QuarantineStore } from './quarantine.store';

/** Who wants records to leave, and why. */
export interface Leave {
  readonly by: string;
  readonly as: 'mended' | 'discarded';
  readonly reason?: string;
  readonly replay?: string;
}

/**
 * Records leave quarantine here, with a note of who did it and why that outlives any crash: the wish is written first, then the record leaves by its one insert,
 * then what came of it is written under the time of the wish. Where the last of these is missing, it is made up for from the insert, before anybody reads.
 *
 * Whoever changes the quarantine takes a turn, one page of records at a time: what is read in a turn is so until its end. One process of a deployment does
 * all of it, as it takes all records in (docs/adr/0002).
 */
@Injectable()
export class Departures {
  private last: Promise<unknown> = Promise.resolve();
  /** Whether there may be wishes of which nobody knows what came: those of a process that was killed, or of an insert that failed. */
  private isDoubtful = true;

  constructor(
    private readonly store: QuarantineStore,
    private readonly tracking: TrackingStore,
  ) {}

  /** Does work when nobody else changes the quarantine. A turn must not wait for another one. */
  turn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(async () => {
      await this.settle();
      return work();
    });
    this.last = mine.catch(() => undefined);
    return mine;
  }

  /** Call before a read: afterwards, whatever has left is known to have left. */
  async settled(): Promise<void> {
    if (this.isDoubtful) await this.turn(() => Promise.resolve());
  }

  /**
   * Lets items out. Call in a turn.
   * @param commit takes them in again, or gives them up
   */
  async leave<I extends QueuedItem>(
    items: readonly I[],
    { as, ...wish }: Leave,
    commit: () => Promise<readonly Readmitted<I>[]>,
  ): Promise<readonly Readmitted<I>[]> {
    if (items.length === 0) return [];
    const at = microsOf(new Date().toISOString());
    try {
      await this.store.addSteps(items.map((of): NewStep => ({ ...wish, of, at, step: 'leaving', outcome: as })));
      const results = await commit();
      await this.store.addSteps(
        results.map(({ item: of, outcome, problem, wasGone }): NewStep => {
          if (wasGone) return { ...wish, of, at, step: 'gone' };
          if (problem) return { ...wish, of, at, step: 'still_bad', code: problem.code, field: problem.field };
          return outcomeStep({ ...wish, of, at }, outcome);
        }),
      );
      await this.answer(
        results.flatMap(({ item, wasGone }) => (wasGone ? [item.item] : [])),
        [],
      );
      return results;
    } catch (error) {
      this.isDoubtful = true;
      throw error;
    }
  }

  private async settle(): Promise<void> {
    while (this.isDoubtful) {
      const open = await this.store.openDepartures();
      await this.answer([...new Set(open.map(({ item }) => item))], open);
      this.isDoubtful = open.length > 0;
    }
  }

  /** Writes for each item by which wish it has left, if it has, and that nothing came of the open ones. */
  private async answer(items: readonly string[], open: readonly Departure[]): Promise<void> {
    if (items.length === 0) return;
    const released = await this.tracking.released([...new Set(items.map(identityOf))]);
    const left = new Map(released.map((record) => [itemId(record), record]));
    const wishes = new Map<string, Departure[]>();
    for (const wish of await this.store.departures(items))
      wishes.set(wish.item, [...(wishes.get(wish.item) ?? []), wish]);
    const steps = open.map((wish): NewStep => ({ ...stepOf(wish), step: left.has(wish.item) ? 'gone' : 'stayed' }));
    for (const [item, ofItem] of wishes) {
      const record = left.get(item);
      if (record) steps.push(outcomeStep(stepOf(leftBy(ofItem, record)), record.became));
    }
    await this.store.addSteps(steps);
  }
}

const identityOf = (item: string): string => item.slice(0, 32);

type Wish = Omit<NewStep, 'step'>;

const stepOf = ({ item, receivedAt, at, by, reason, replay }: Departure): Wish => ({
  ...{ at, by, reason, replay },
  of: { item, receivedAt },
});

const outcomeStep = (wish: Wish, became: string): NewStep =>
  became === 'discarded' ? { ...wish, step: 'discarded' } : { ...wish, step: 'released', outcome: became };

/** The wish that a record left by: the last of its kind before the insert, whose time its row has. */
function leftBy(wishes: readonly Departure[], { became, originAt: leftAt }: StoredIdentity): Departure {
  const as = became === 'discarded' ? 'discarded' : 'mended';
  const ofKind = wishes.filter(({ outcome }) => outcome === as).sort((a, b) => b.at - a.at);
  return ofKind.find(({ at }) => at <= leftAt) ?? ofKind[0] ?? wishes[0]!;
}
