import type { Fault } from './faults';
import type { Order, Orders } from './order';
import { soundSteps, type Stage, type Step, timesOf, valuesOf } from './step';

const SOUND = { shop: 0, hub: 0, erp: 0 } as const;

/**
 * An order of the day before or after. Those at both sides of the day's edges, and every fourth of the others, never reach the ERP: a judge whose window is
 * too wide by a microsecond finds them.
 */
export function bystanderSteps(order: Order, index: number, day: Orders): Step[] {
  const steps = soundSteps(order, SOUND);
  return index === -1 || index === day.count || index % 4 === 0 ? steps.slice(0, 2) : steps;
}

export interface TestEvent {
  readonly order: Order;
  readonly step: Step;
}

const testEvents = (orders: number): number => Math.max(4, Math.round(orders / 10_000));

/**
 * Test events, by the index of the order with which they are sent. Each would be a discrepancy, or hide one, if it were counted: a test order that no other
 * stage knows, one that only the ERP knows, a second document for a real order, and the only document for an order that is missing at the ERP.
 */
export function placeTests(day: Orders, faults: ReadonlyMap<number, Fault>): ReadonlyMap<number, TestEvent> {
  const missing = [...faults].filter(([, { kind }]) => kind === 'missing at erp').map(([index]) => index);
  const tests = new Map<number, TestEvent>();
  const total = testEvents(day.count);
  for (let test = 0; test < total; test++) {
    const form = test % 4;
    let index =
      form === 3 ? missing[Math.floor(test / 4) % missing.length]! : Math.floor(((test + 0.5) * day.count) / total);
    while (tests.has(index)) index++;
    const order = form < 2 ? day.at(index, day.testNumber(test)) : day.at(index);
    tests.set(index, { order, step: testStep(order, form === 0 ? 'shop' : 'erp') });
  }
  return tests;
}

const testStep = (order: Order, stage: Stage): Step => ({
  stage,
  event: 'test',
  attempt: 1,
  status: 'ok',
  occurredAt: timesOf(order)[stage],
  values: valuesOf(order)[stage],
});
