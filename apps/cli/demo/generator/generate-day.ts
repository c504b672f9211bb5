import { microsOf } from '@holdfast/kernel';
import { Arrival, type Sent } from './arrival';
import { type Batch, batches } from './batches';
import { writeTime } from './clock';
import { FEWEST_ORDERS, type Planted } from './faults';
import { UTC } from './market';
import { Noise } from './noise';
import { Orders } from './order';
import { Plan } from './plan';
import { ORDER_TO_CASH, type ProcessDocument } from './process-document';
import { reorder, writeRecord } from './record';
import { soundSteps } from './step';
import { type DaySummary, summarize } from './summary';

export interface DayOptions {
  /** A safe integer from 0. */
  readonly seed: number;
  /** Orders of the day itself; 200,000 unless told. */
  readonly orders?: number | undefined;
  /** A UTC date, `2026-11-20` unless told. Intake refuses times that are more than a day ahead of its clock, and some are later than the day: it must have begun two hours ago. */
  readonly day?: string | undefined;
}

export interface GeneratedDay {
  readonly process: { readonly id: string; readonly document: ProcessDocument };
  /** The window that holds exactly the day's orders; RFC 3339 in UTC. */
  readonly window: { readonly from: string; readonly to: string };
  /** Everything that a correct judge finds once {@link events} are in: no more, no less. In the order of the orders' origin. */
  readonly planted: readonly Planted[];
  /** What is left of it once {@link healing} is in: what came late stays late. */
  readonly plantedAfterHealing: readonly Planted[];
  readonly summary: DaySummary;
  /** The day, out of order within bounds. Each call starts again from the beginning with the same bytes. */
  events(): IterableIterator<Batch>;
  /** What arrives in the end: lost events, corrections, and duplicates taken back. */
  healing(): IterableIterator<Batch>;
}

/**
 * An order-to-cash day: orders of several shops that pass through a hub to an ERP, with everything that is normal (retries, resends, disorder, differences
 * within tolerances, orders of the days around, tests) and planted faults of every kind. The same seed gives the same bytes. Memory is bounded: orders are made
 * from their index when they are needed, and only the planted list is kept.
 * @throws RangeError when there are too few orders to hold every fault, or an option is none
 */
export function generateDay({ seed, orders = 200_000, day = '2026-11-20' }: DayOptions): GeneratedDay {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError('the seed must be an integer from 0');
  if (!Number.isInteger(orders) || orders < FEWEST_ORDERS || orders > 50_000_000)
    throw new RangeError(`orders must be an integer from ${FEWEST_ORDERS} to 50000000`);
  const plan = new Plan(seed, new Orders(seed, orders, microsOf(`${day}T00:00:00Z`)));
  const planted = plan.planted();
  const { dayStart, dayEnd } = plan.orders;
  return {
    process: ORDER_TO_CASH,
    window: { from: writeTime(dayStart, UTC, 0), to: writeTime(dayEnd, UTC, 0) },
    planted,
    plantedAfterHealing: planted.filter(({ kind }) => kind === 'late'),
    summary: summarize(plan, seed, planted),
    events: () => batches(dayRecords(plan, seed)),
    healing: () => batches(healingRecords(plan)),
  };
}

function* dayRecords(plan: Plan, seed: number): Iterable<string> {
  const { orders } = plan;
  const [arrival, noise] = [new Arrival(seed), new Noise(seed)];
  const last = orders.count + orders.bystanders - 1;
  for (let index = -orders.bystanders; index <= last; index++) {
    sendOrder(index, plan, noise, arrival);
    const test = plan.tests.get(index);
    if (test) arrival.send(index, test.order, test.step);
    for (const sent of arrival.arrived(index)) yield write(sent);
  }
  for (const sent of arrival.rest(last)) yield write(sent);
  for (const { order, story } of plan.stories())
    for (const step of story.sent) if (plan.isLate(step)) yield writeRecord(order, step);
}

function write({ order, step, reordered }: Sent): string {
  const record = writeRecord(order, step);
  return reordered ? reorder(record) : record;
}

function sendOrder(index: number, plan: Plan, noise: Noise, arrival: Arrival): void {
  const order = plan.orders.at(index);
  const special = plan.specialSteps(order, index);
  if (special) {
    // What is late comes last; only faulty orders of the day can be.
    const inTime = plan.orders.isBystander(index) ? special : special.filter((step) => !plan.isLate(step));
    for (const step of inTime) arrival.send(index, order, step);
    return;
  }
  const { retries, resends } = noise.at(index);
  for (const step of soundSteps(order, retries)) {
    arrival.send(index, order, step);
    const resend = step.status === 'ok' ? resends[step.stage] : undefined;
    if (resend) arrival.send(index, order, step, resend === 'reordered');
  }
}

function* healingRecords(plan: Plan): Iterable<string> {
  for (const { order, story } of plan.stories()) for (const step of story.healing) yield writeRecord(order, step);
}
