import { type Account, NO_ACCOUNT } from '../../account';
import { Random } from '../generator/random';
import { PROCESS, type StageId, ZONE } from './documents';

/** An order as all systems should tell of it. */
interface Order {
  readonly number: string;
  /** In cents. */
  readonly amount: number;
  /** Seconds from the day's start. */
  readonly placedAt: number;
  readonly customer: { readonly name: string; readonly email: string; readonly iban: string };
}

/** How many records of each kind are wrong. */
export const PLANTED = {
  /** Sent twice by the shop, and once more by the database's snapshot. */
  resent: 7,
  /** Another amount under a used id. */
  conflicts: 3,
  /** The shop's new release writes `amuont`: its contract is broken. */
  misspelt: 12,
  /** The carrier calls the process by a wrong name. */
  misnamed: 5,
  /** Lines of the shop that are cut off, rows of the hub with a column too few, a message of the warehouse with a wrong count. */
  unreadable: { shop: 2, hub: 2, warehouse: 1 },
  /** The warehouse's clock is behind all others. */
  clockBehindMinutes: 45,
} as const;

/** A body as one system sends it. */
export interface Body {
  readonly stage: StageId;
  /** What it is, for people. */
  readonly format: string;
  readonly contentType: string;
  /** Undefined for events as they are. */
  readonly mapping: string | undefined;
  readonly bytes: Buffer;
}

/** A day of orders, told by five systems in five formats, with everything that goes wrong on such a day. */
export interface DirtyDay {
  readonly from: string;
  readonly to: string;
  readonly bodies: readonly Body[];
  /** What intake must count. */
  readonly expected: Account;
  /** What must be nowhere in the answers. */
  readonly secrets: readonly string[];
  /** A sound order, to look at. */
  readonly example: string;
}

const NAMES = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Donald', 'Leslie', 'Frances', 'Alan'] as const;

/** Hours that orders are placed in, and told of. Less than 24: what is older when it comes says nothing of clocks. */
const HOURS = 22;

/** @param end milliseconds since 1970, when all was told @param count orders; more than are planted faults in */
export function dirtyDay(end: number, count: number, seed: number): DirtyDay {
  const start = end - HOURS * 3_600_000;
  const random = new Random(seed, 'order');
  const orders = Array.from({ length: count }, (_, index): Order => {
    random.at(index);
    const name = NAMES[random.below(NAMES.length)]!;
    return {
      number: `ORD-${String(index + 1).padStart(6, '0')}`,
      amount: 100 + random.below(50_000),
      placedAt: 3_600 + random.below((HOURS - 4) * 3_600),
      customer: {
        name: `${name} Quicksilver-${index}`,
        email: `${name.toLowerCase()}.${index}@customers.example`,
        iban: `DE${String(index % 97).padStart(2, '0')}370400440532${String(index).padStart(6, '0')}`,
      },
    };
  });
  const at = (order: Order, minutes: number): Date => new Date(start + (order.placedAt + minutes * 60) * 1000);
  const instant = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
  const told = { orders, at };
  const { resent, conflicts, misspelt, misnamed, unreadable } = PLANTED;
  const rejected = unreadable.shop + unreadable.hub + unreadable.warehouse;
  const stored = 5 * count - misspelt - misnamed;
  return {
    from: instant(start),
    to: instant(end),
    bodies: [shop(told), hub(told), warehouse(told), carrier(told), erp(told)],
    expected: {
      ...NO_ACCOUNT,
      received: 5 * count + 2 * resent + conflicts + rejected,
      stored,
      duplicate: 2 * resent,
      conflict: conflicts,
      quarantined: misspelt + misnamed,
      rejected,
    },
    secrets: orders.flatMap(({ customer }) => [customer.name, customer.email]),
    example: orders.findLast((_, index) => untilPicked(index) > PICKED_AT_BEST)!.number,
  };
}

interface Told {
  readonly orders: readonly Order[];
  readonly at: (order: Order, minutes: number) => Date;
}

const decimal = (cents: number): string => (cents / 100).toFixed(2);

/** As a clock in the zone shows it: `2026-11-20T10:30:00`. */
function localTime(at: Date): string {
  const parts = Object.fromEntries(LOCAL.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${parts['year']}-${parts['month']}-${parts['day']}T${parts['hour']}:${parts['minute']}:${parts['second']}`;
}
const LOCAL = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  hourCycle: 'h23',
});

/** Events in NDJSON, with personal data and times of a wall clock. */
function shop({ orders, at }: Told): Body {
  const line = (order: Order, data: object): string => {
    const time = `${localTime(at(order, 0))}[${ZONE}]`;
    return JSON.stringify({
      ...{ id: order.number, source: 'shop', process: PROCESS, stage: 'shop', key: order.number, type: 'shop.told' },
      ...{ occurredAt: time, originAt: time },
      data: { ...data, customer: order.customer, note: `call ${order.customer.email}` },
    });
  };
  const { misspelt, resent, conflicts, unreadable } = PLANTED;
  const lines = orders.map((order, index) =>
    line(order, index < misspelt ? { amuont: order.amount / 100 } : { amount: order.amount / 100 }),
  );
  lines.push(...lines.slice(-resent));
  lines.push(...orders.slice(-conflicts).map((order) => line(order, { amount: order.amount / 100 + 1 })));
  lines.push(...lines.slice(0, unreadable.shop).map((whole) => whole.slice(0, whole.length / 2)));
  return body('shop', 'NDJSON, local times', 'application/x-ndjson', lines.join('\n'), undefined);
}

/** A file of semicolons, with a comma in its numbers. */
function hub({ orders, at }: Told): Body {
  const rows = orders.map((order) => {
    const [date, time] = localTime(at(order, 3)).split('T') as [string, string];
    const [year, month, day] = date.split('-');
    return `${order.number};${day}.${month}.${year} ${time};"${decimal(order.amount).replace('.', ',')}"`;
  });
  for (let i = 0; i < PLANTED.unreadable.hub; i++) rows.push(`ragged-${i};01.01.2026 00:00:00`);
  return body('hub', 'CSV', 'text/csv', ['order;at;total', ...rows].join('\r\n'), 'hub');
}

/** Minutes from an order to when it is picked. */
const PICKED_AT_BEST = 20;
const untilPicked = (index: number): number => PICKED_AT_BEST + (index % 7);

/** Messages of an EDIFACT interchange, by a clock that is wrong. */
function warehouse({ orders, at }: Told): Body {
  const messages = orders.map((order, index) => {
    const time = at(order, untilPicked(index) - PLANTED.clockBehindMinutes)
      .toISOString()
      .replaceAll(/[-:T]/g, '')
      .slice(0, 14);
    return message(index, order.number, time, decimal(order.amount), 5);
  });
  for (let i = 0; i < PLANTED.unreadable.warehouse; i++)
    messages.push(message(orders.length + i, `miscounted-${i}`, '20260101000000', '1', 7));
  const text = `UNB+UNOC:3+WAREHOUSE+HOLDFAST+261120:0930+1'${messages.join('')}UNZ+${messages.length}+1'`;
  return body('warehouse', 'EDIFACT', 'application/edifact', text, 'warehouse');
}
const message = (index: number, number: string, time: string, amount: string, segments: number): string =>
  `UNH+${index}+DESADV:D:96A:UN'BGM+351+${number}'DTM+137:${time}:204'MOA+79:${amount}'UNT+${segments}+${index}'`;

/** A document of XML; some shipments name the process wrongly. */
function carrier({ orders, at }: Told): Body {
  const shipments = orders.map((order, index) => {
    const process =
      index >= PLANTED.misspelt && index < PLANTED.misspelt + PLANTED.misnamed ? 'order-fulfillment' : PROCESS;
    const time = at(order, 60).toISOString();
    return `<Shipment at="${time}" process="${process}"><Order>${order.number}</Order><Total>${decimal(order.amount)}</Total></Shipment>`;
  });
  return body('carrier', 'XML', 'application/xml', `<Shipments>${shipments.join('')}</Shipments>`, 'carrier');
}

/** Changes of a table, as its log has them; the snapshot at the end tells of some rows once more, twice. */
function erp({ orders, at }: Told): Body {
  const row = (order: Order) => ({ number: order.number, total: decimal(order.amount) });
  const source = (order: Order) => ({
    ...{ connector: 'postgresql', db: 'erp', schema: 'public', table: 'bookings' },
    ts_ms: at(order, 90).getTime(),
  });
  const changes = orders.map((order, index) => ({
    ...{ op: 'c', before: null, after: row(order) },
    source: { ...source(order), snapshot: 'false', lsn: 1_000_000 + index, txId: index },
  }));
  return body(
    'erp',
    'Debezium',
    'application/x-ndjson',
    [...changes, ...changes.slice(0, PLANTED.resent)].map((one) => JSON.stringify(one)).join('\n'),
    'erp',
  );
}

const body = (
  stage: StageId,
  format: string,
  contentType: string,
  text: string,
  mapping: string | undefined,
): Body => ({
  ...{ stage, format, contentType, mapping },
  bytes: Buffer.from(text),
});
