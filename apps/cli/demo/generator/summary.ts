import { type Account, NO_ACCOUNT } from '../../account';
import { KINDS, type Kind, type Planted } from './faults';
import { Noise } from './noise';
import type { Plan } from './plan';

/** What the day holds; its accounts are what intake has to answer, in sum, for everything that is sent. */
export interface DaySummary {
  /** Orders of the day. */
  readonly orders: number;
  /** Their events at all stages, without tests: three for each order but the faulty ones. */
  readonly events: number;
  readonly faultyOrders: number;
  readonly planted: Readonly<Record<Kind, number>>;
  /** Orders of the days before and after; none is to be judged. */
  readonly bystanders: number;
  readonly testEvents: number;
  /** Attempts of sound orders that failed and were followed by another one. */
  readonly failedAttempts: number;
  readonly account: Account;
  readonly healingAccount: Account;
}

/** Counts what the day will be without writing it. */
export function summarize(plan: Plan, seed: number, planted: readonly Planted[]): DaySummary {
  const { orders, faults, tests } = plan;
  let events = 0;
  let received = tests.size;
  let resent = 0;
  let failedAttempts = 0;
  let healed = 0;
  for (const { story } of plan.stories()) {
    events += new Set(story.sent.map(({ stage, event }) => `${stage} ${event}`)).size;
    received += story.sent.length;
    healed += story.healing.length;
  }
  for (let side = 0; side < orders.bystanders; side++)
    for (const index of [-1 - side, orders.count + side])
      received += plan.specialSteps(orders.at(index), index)!.length;
  const noise = new Noise(seed);
  for (let index = 0; index < orders.count; index++) {
    if (faults.has(index)) continue;
    const count = noise.at(index).count();
    events += 3;
    received += count.records;
    resent += count.resent;
    failedAttempts += count.failed;
  }
  return {
    orders: orders.count,
    events,
    faultyOrders: faults.size,
    planted: countKinds(planted),
    bystanders: 2 * orders.bystanders,
    testEvents: tests.size,
    failedAttempts,
    account: account(received, resent),
    healingAccount: account(healed, 0),
  };
}

const account = (received: number, duplicate: number): Account => ({
  ...NO_ACCOUNT,
  received,
  stored: received - duplicate,
  duplicate,
});

function countKinds(planted: readonly Planted[]): Record<Kind, number> {
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>;
  for (const { kind } of planted) counts[kind]++;
  return counts;
}
