import type { Micros } from '@holdfast/kernel';
import { DAY, HOUR, type Zone } from './clock';
import type { Random } from './random';

export interface Shop {
  /** The beginning of its order numbers. */
  readonly code: string;
  readonly source: string;
  readonly zone: Zone;
  /** Whether it writes booking times in its zone too; the others write them in UTC. */
  readonly booksInZone: boolean;
  /** One of them with equal chance. */
  readonly currencies: readonly string[];
  /** Orders of a hundred by European day, and by American evening. */
  readonly weights: readonly [day: number, night: number];
  /** Whether the hub's connector for this shop passes the time of the business fact on. */
  readonly hubCarriesOrigin: boolean;
  /** Whether the ERP's client for this shop writes currencies in lower case. */
  readonly erpLowersCurrency: boolean;
}

export const UTC: Zone = { minutes: 0, text: 'Z' };
export const CENTRAL_EUROPE: Zone = { minutes: 60, text: '+01:00' };

function shop(
  code: string,
  zone: Zone,
  currencies: readonly string[],
  weights: readonly [number, number],
  odd: Partial<Pick<Shop, 'booksInZone' | 'hubCarriesOrigin' | 'erpLowersCurrency'>> = {},
): Shop {
  const plain = { booksInZone: false, hubCarriesOrigin: true, erpLowersCurrency: false };
  return { code, source: `shop-${code.toLowerCase()}`, zone, currencies, weights, ...plain, ...odd };
}

const SHOPS: readonly Shop[] = [
  shop('DE', CENTRAL_EUROPE, ['EUR'], [27, 8], { erpLowersCurrency: true }),
  shop('FR', CENTRAL_EUROPE, ['EUR'], [14, 4]),
  shop('FI', { minutes: 120, text: '+02:00' }, ['EUR'], [5, 1]),
  shop('PL', CENTRAL_EUROPE, ['PLN'], [11, 3], { hubCarriesOrigin: false }),
  shop('CH', CENTRAL_EUROPE, ['CHF'], [9, 3]),
  shop('UK', { minutes: 0, text: '+00:00' }, ['GBP'], [15, 9], { erpLowersCurrency: true }),
  shop('US', { minutes: -300, text: '-05:00' }, ['USD'], [8, 38]),
  shop('UW', { minutes: -480, text: '-08:00' }, ['USD'], [3, 26], { hubCarriesOrigin: false }),
  shop('IN', { minutes: 330, text: '+05:30' }, ['USD'], [2, 3], { booksInZone: true }),
  shop('MP', UTC, ['EUR', 'EUR', 'EUR', 'GBP', 'PLN', 'CHF'], [6, 5], { erpLowersCurrency: true }),
];

/** Where an order comes from at a time of the UTC day: America buys while Europe sleeps. */
export function drawShop(random: Random, originAt: Micros): Shop {
  const hour = Math.floor((originAt % DAY) / HOUR);
  const column = hour < 6 || hour >= 23 ? 1 : 0;
  let left = random.below(100);
  for (const one of SHOPS) {
    left -= one.weights[column];
    if (left < 0) return one;
  }
  return SHOPS[0]!;
}

/** Demand at each full hour of the UTC day: a quiet night, a lunch peak, a higher evening peak. */
const DEMAND = [14, 9, 6, 5, 6, 10, 22, 40, 55, 64, 76, 96, 88, 66, 60, 62, 70, 84, 104, 120, 112, 78, 46, 26] as const;
const BINS = 96;

/** Share of the day's orders before each quarter of an hour; demand goes straight from one full hour to the next. */
const CUMULATIVE = ((): readonly number[] => {
  const rates = Array.from({ length: BINS }, (_, bin) => {
    const [hour, middle] = [Math.floor(bin / 4), ((bin % 4) + 0.5) / 4];
    return DEMAND[hour]! * (1 - middle) + DEMAND[(hour + 1) % 24]! * middle;
  });
  const total = rates.reduce((sum, rate) => sum + rate, 0);
  const shares = [0];
  for (const rate of rates) shares.push(shares.at(-1)! + rate / total);
  shares[BINS] = 1;
  return shares;
})();

/** The time since the day's start by which a share (from 0 to below 1) of its orders was placed: the inverse of the demand's distribution. */
export function timeOfShare(share: number): Micros {
  let [low, high] = [0, BINS];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (CUMULATIVE[middle]! <= share) low = middle;
    else high = middle;
  }
  const within = (share - CUMULATIVE[low]!) / (CUMULATIVE[high]! - CUMULATIVE[low]!);
  return Math.min(DAY - 1, Math.floor(((low + within) / BINS) * DAY));
}

/**
 * Quantiles of a unit price in cents: log-normal with median 25.00 and sigma 0.9, cut at both ends. A table rather than exp and log, whose last digits a
 * language leaves open: the same seed gives the same bytes anywhere.
 */
const PRICES = [
  [0, 150],
  [0.01, 308],
  [0.05, 569],
  [0.1, 789],
  [0.25, 1362],
  [0.5, 2500],
  [0.75, 4588],
  [0.9, 7923],
  [0.95, 10_986],
  [0.99, 20_286],
  [0.999, 40_346],
  [1, 89_900],
] as const;

/** A unit price in cents. */
export function drawPrice(random: Random): number {
  const share = random.unit();
  let upper = 1;
  while (PRICES[upper]![0] <= share) upper++;
  const [fromShare, from] = PRICES[upper - 1]!;
  const [toShare, to] = PRICES[upper]!;
  return Math.round(from + ((share - fromShare) / (toShare - fromShare)) * (to - from));
}
