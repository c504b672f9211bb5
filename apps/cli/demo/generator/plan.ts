import type { Micros } from '@holdfast/kernel';
import { bystanderSteps, placeTests, type TestEvent } from './bystanders';
import { SECOND } from './clock';
import { type Fault, type Planted, placeFaults, type Story, storyOf } from './faults';
import type { Order, Orders } from './order';
import { ORDER_TO_CASH } from './process-document';
import type { Step } from './step';

/** Which orders there are, and what is wrong with which. */
export class Plan {
  readonly faults: ReadonlyMap<number, Fault>;
  readonly tests: ReadonlyMap<number, TestEvent>;
  /** What occurs after it is late. */
  private readonly deadline: Micros;

  constructor(
    seed: number,
    readonly orders: Orders,
  ) {
    this.faults = placeFaults(seed, orders.count);
    this.tests = placeTests(orders, this.faults);
    this.deadline = orders.dayEnd + ORDER_TO_CASH.document.graceSeconds * SECOND;
  }

  /** Faulty orders in the order of their origin. */
  *stories(): Iterable<{ order: Order; story: Story }> {
    for (const [index, fault] of this.faults) {
      const order = this.orders.at(index);
      yield { order, story: this.story(order, fault) };
    }
  }

  planted(): Planted[] {
    const planted: Planted[] = [];
    for (const { order, story } of this.stories())
      for (const [kind, stage, field = ''] of story.found)
        planted.push({ key: order.key, kind, hop: stage === 'hub' ? 'shop->hub' : 'hub->erp', stage, field });
    return planted;
  }

  /** What an order that is faulty or of another day sends; undefined for the many that are neither. */
  specialSteps(order: Order, index: number): readonly Step[] | undefined {
    const fault = this.faults.get(index);
    if (fault) return this.story(order, fault).sent;
    return this.orders.isBystander(index) ? bystanderSteps(order, index, this.orders) : undefined;
  }

  isLate({ occurredAt }: Step): boolean {
    return occurredAt > this.deadline;
  }

  private story(order: Order, fault: Fault): Story {
    return storyOf(order, fault, this.orders.dayEnd, this.deadline);
  }
}
