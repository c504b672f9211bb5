import type { Micros } from '@holdfast/kernel';
import { DAY, HOUR, SECOND } from './clock';
import { drawPrice, drawShop, type Shop, timeOfShare } from './market';
import { Random } from './random';

/** What the stages must agree on. */
export interface Values {
  /** The amount in hundredths of the currency. */
  readonly cents: number;
  readonly currency: string;
  readonly quantity: number;
  readonly bookedAt: Micros;
}

/** What happened in the business, whatever became of it in the systems. */
export interface Order {
  readonly number: number;
  readonly key: string;
  readonly shop: Shop;
  readonly originAt: Micros;
  readonly correlationId: string;
  readonly customer: string;
  /** Line items as a JSON array. */
  readonly lines: string;
  readonly lineCount: number;
  readonly values: Values;
  /** How long each stage takes, and how long a failed step waits for its next attempt. */
  readonly delays: readonly [shop: Micros, hub: Micros, erp: Micros];
  readonly backoff: Micros;
  /** How hub and ERP differ from the stage before, within the tolerances. */
  readonly hubBookedOff: Micros;
  readonly erpBookedOff: Micros;
  readonly erpCentsOff: number;
}

/**
 * The orders of a day and its neighbours, by index in the order of their origin: 0 to below `count` are the day's; `bystanders` before it and as many after it
 * belong to the neighbouring days. Each is made from its index alone.
 */
export class Orders {
  readonly bystanders: number;
  readonly dayStart: Micros;
  readonly dayEnd: Micros;
  private readonly random: Random;
  private readonly firstNumber: number;

  constructor(
    seed: number,
    readonly count: number,
    dayStart: Micros,
  ) {
    this.random = new Random(seed, 'order');
    this.firstNumber = 100_000_000 + new Random(seed, 'numbers').below(700_000_000);
    this.bystanders = Math.max(4, Math.round(count / 1000));
    this.dayStart = dayStart;
    this.dayEnd = dayStart + DAY;
  }

  isBystander(index: number): boolean {
    return index < 0 || index >= this.count;
  }

  /** @param number its number where the order at this time is another one than the index names: a test order */
  at(index: number, number = this.firstNumber + index): Order {
    const random = this.random.at(index);
    const originAt = this.originOf(index, random.unit());
    const shop = drawShop(random, originAt);
    const currency = shop.currencies[random.below(shop.currencies.length)]!;
    const { lines, lineCount, cents, quantity } = drawLines(random);
    const odd = random.below(1000);
    return {
      number,
      key: `${shop.code}-${number}`,
      shop,
      originAt,
      correlationId: random.token(),
      customer: `c-${random.token()}`,
      lines,
      lineCount,
      values: { cents, currency, quantity, bookedAt: Math.floor(originAt / SECOND) * SECOND },
      delays: [
        5_000 + random.below(400_000),
        200_000 + random.below(random.below(10) === 0 ? 30_000_000 : 3_000_000),
        SECOND + random.below(random.below(10) === 0 ? 240_000_000 : 20_000_000),
      ],
      backoff: 2 * SECOND + random.below(58_000_000),
      hubBookedOff: odd < 20 ? (odd % 2 === 0 ? 1 : -2) * SECOND : 0,
      erpBookedOff: odd >= 10 && odd < 40 ? ((odd % 11) - 5) * SECOND : 0,
      erpCentsOff: odd >= 40 && odd < 60 ? (odd % 2) * 2 - 1 : 0,
    };
  }

  /** A number that no order of any day has. */
  testNumber(test: number): number {
    return this.firstNumber + this.count + this.bystanders + test;
  }

  /** Both edges of the day have an order, and so have the microsecond before it and the first one after it. */
  private originOf(index: number, jitter: number): Micros {
    const { count, dayStart, dayEnd, bystanders } = this;
    if (index === 0) return dayStart;
    if (index === count - 1) return dayEnd - 1;
    if (index === -1) return dayStart - 1;
    if (index === count) return dayEnd;
    if (index < 0) return dayStart + Math.floor(((index + jitter) / bystanders) * HOUR);
    if (index > count) return dayEnd + Math.floor(((index - count + jitter) / bystanders) * HOUR);
    return dayStart + timeOfShare((index + jitter) / count);
  }
}

function drawLines(random: Random): { lines: string; lineCount: number; cents: number; quantity: number } {
  const draw = random.below(10);
  const lineCount = draw < 5 ? 1 : draw < 8 ? 2 : draw < 9 ? 3 : 4;
  let [lines, cents, quantity] = ['', 0, 0];
  for (let line = 0; line < lineCount; line++) {
    const price = drawPrice(random);
    const items = random.below(5) === 0 ? 2 + random.below(3) : 1;
    lines += `${line === 0 ? '[' : ','}{"sku":"sku-${1000 + random.below(9000)}","quantity":${items},"unitPrice":${price / 100}}`;
    cents += price * items;
    quantity += items;
  }
  return { lines: `${lines}]`, lineCount, cents, quantity };
}
