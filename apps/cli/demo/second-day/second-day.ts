import { Random } from '../generator/random';
import { PROCESS } from './documents';

/** How many orders of each kind something is wrong with. */
export const PLANTED = {
  /** Placed to try the shop out: neither delivered nor booked. */
  tests: 6,
  /** One delivery of several never told of. */
  lostDeliveries: 9,
  /** Booked a cent off. */
  rounded: 40,
  /** Booked with another amount: somebody has to look. */
  wrong: 3,
  /** Lines that the invoices leave out. */
  uninvoiced: 4,
} as const;

interface Order {
  readonly number: string;
  /** In cents. */
  readonly amount: number;
  readonly placedAt: Date;
  /** Cents of each delivery; none for a test. */
  readonly parts: readonly number[];
  readonly isTest: boolean;
}

/** An event as `POST /v1/events` takes it. */
export type Event = Readonly<Record<string, unknown>>;

/** A day of orders that are split into deliveries, and what each system tells of it. */
export interface SecondDay {
  /** `2026-11-20`, of UTC. */
  readonly date: string;
  readonly orders: number;
  readonly events: {
    readonly shop: readonly Event[];
    readonly hub: readonly Event[];
    readonly warehouse: readonly Event[];
  };
  /** What the warehouse tells of a key when it is asked again. */
  readonly deliveriesOf: (key: string) => readonly Event[];
  /** The file that comes late. */
  readonly mainframe: string;
  /** Two tables: what was ordered, and the lines of invoices, which take orders together. */
  readonly tables: { readonly orders: readonly Row[]; readonly invoiced: readonly Row[] };
  /** What is missing among the invoiced. */
  readonly uninvoiced: readonly string[];
}
export interface Row {
  readonly order_no: string;
  readonly amount: string;
  readonly currency: string;
}

const decimal = (cents: number): string => (cents / 100).toFixed(2);
const minutesAfter = (at: Date, minutes: number): Date => new Date(at.getTime() + minutes * 60_000);

/** @param date a day of UTC that is over @param count orders; more than are planted faults in */
export function secondDay(date: string, count: number, seed: number): SecondDay {
  const random = new Random(seed, 'order');
  const start = Date.parse(`${date}T00:00:00Z`);
  const orders = Array.from({ length: count }, (_, index): Order => {
    random.at(index);
    const amount = 500 + random.below(50_000);
    const isTest = index < PLANTED.tests;
    const number = `${isTest ? 'TEST' : 'ORD'}-${String(index + 1).padStart(6, '0')}`;
    const placedAt = new Date(start + random.below(22 * 3_600) * 1000);
    return { number, amount, placedAt, isTest, parts: isTest ? [] : split(amount, 1 + random.below(3)) };
  });
  const real = orders.filter(({ isTest }) => !isTest);
  // Of deliveries in parts the last one is lost; of one in one piece, all of it.
  const lost = new Set(real.slice(0, PLANTED.lostDeliveries).map(({ number }) => number));
  const deliveries = (order: Order): Event[] => order.parts.map((worth, part) => delivery(order, worth, part));
  const byKey = new Map(real.map((order) => [order.number, order]));
  const skipped = new Set(real.slice(-PLANTED.uninvoiced).map(({ number }) => number));
  const row = ({ number, amount }: Order): Row => ({ order_no: number, amount: decimal(amount), currency: 'EUR' });
  return {
    date,
    orders: count,
    events: {
      shop: orders.map((order) => told('shop', 'order.placed', order, 0, order.number)),
      hub: orders.map((order) => told('hub', 'order.passed', order, 1, order.number)),
      warehouse: real.flatMap((order) => (lost.has(order.number) ? deliveries(order).slice(0, -1) : deliveries(order))),
    },
    deliveriesOf: (key) => {
      const order = byKey.get(key);
      return order ? deliveries(order) : [];
    },
    mainframe: file(real),
    tables: { orders: real.map(row), invoiced: real.filter(({ number }) => !skipped.has(number)).map(row) },
    uninvoiced: [...skipped],
  };
}

/** A total in so many parts that add up to it. */
function split(total: number, parts: number): number[] {
  const each = Math.floor(total / parts);
  return Array.from({ length: parts }, (_, index) => (index === 0 ? total - each * (parts - 1) : each));
}

function told(stage: string, type: string, order: Order, minutes: number, id: string, data?: object): Event {
  return {
    id,
    source: stage,
    process: PROCESS,
    stage,
    key: order.number,
    type,
    occurredAt: minutesAfter(order.placedAt, minutes).toISOString(),
    originAt: order.placedAt.toISOString(),
    data: data ?? { amount: order.amount / 100, currency: stage === 'hub' ? 'eur' : 'EUR' },
  };
}

const delivery = (order: Order, worth: number, part: number): Event =>
  told('warehouse', 'order.delivered', order, 60 + part, `${order.number}/${part + 1}`, {
    worth: worth / 100,
    currency: 'EUR',
    carrier: part === 0 ? 'rail' : 'road',
  });

/** Rows of the mainframe, some a cent off, some wrong. */
function file(orders: readonly Order[]): string {
  const rows = orders.map(({ number, amount, placedAt }, index) => {
    const fault =
      index < PLANTED.wrong ? -1_000 : index < PLANTED.wrong + PLANTED.rounded ? (index % 2 === 0 ? 1 : -1) : 0;
    const booked = minutesAfter(placedAt, 90).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
    return `${number};${booked};${amount + fault};EUR `;
  });
  return ['ORDERNO;BOOKED;CENTS;CUR', ...rows].join('\r\n');
}
