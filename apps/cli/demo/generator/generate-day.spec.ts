import { type Account, NO_ACCOUNT } from '../../account';
import { createHash } from 'node:crypto';
import { microsOf } from '@holdfast/kernel';
import type { Batch } from './batches';
import { generateDay, type GeneratedDay } from './generate-day';

interface Sent {
  id: string;
  source: string;
  process: string;
  stage: 'shop' | 'hub' | 'erp';
  key: string;
  type: string;
  occurredAt: string;
  originAt?: string;
  correlationId: string;
  sequence: number;
  attempt?: number;
  status?: 'ok' | 'failed' | 'cancelled';
  test?: boolean;
  data: { amount: number; currency: string; bookedAt: string; quantity: number };
}

const SEEDS = [0, 1, 2, 42, 20_261_120, 2 ** 40 + 7];
const DAY_START = microsOf('2026-11-20T00:00:00Z');
const DAY_END = microsOf('2026-11-21T00:00:00Z');
const DEADLINE = DAY_END + 900_000_000;

const linesOf = (batches: Iterable<Batch>): string[] =>
  [...batches].flatMap(({ ndjson }) => ndjson.toString('utf8').split('\n').slice(0, -1));
const parsed = (lines: readonly string[]): Sent[] => lines.map((line) => JSON.parse(line) as Sent);
const mainOf = (day: GeneratedDay): Sent[] => parsed(linesOf(day.events()));
const recordOf = ({ source, id, attempt = 1 }: Sent): string => `${source} ${id} ${attempt}`;
const eventOf = ({ source, id }: Sent): string => `${source} ${id}`;
const eventsFrom = (all: readonly Sent[]): number => new Set(all.map(eventOf)).size;
const digest = (batches: Iterable<Batch>): string => {
  const hash = createHash('sha256');
  for (const { ndjson } of batches) hash.update(ndjson);
  return hash.digest('hex');
};
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

/** What intake would answer, by nothing but the rule: a record seen before is a duplicate if it says the same. */
function accountFor(all: readonly Sent[], known = new Map<string, string>()): Account {
  const account = { ...NO_ACCOUNT, received: all.length };
  for (const sent of all) {
    const before = known.get(recordOf(sent));
    if (before === undefined) account.stored++;
    else account[before === canonical(sent) ? 'duplicate' : 'conflict']++;
    known.set(recordOf(sent), before ?? canonical(sent));
  }
  return account;
}

/** The events that count: the highest attempt of each, if it is ok and no test. */
function counting(all: readonly Sent[]): Sent[] {
  const highest = new Map<string, Sent>();
  for (const sent of all) {
    const before = highest.get(eventOf(sent));
    if (!before || (sent.attempt ?? 1) > (before.attempt ?? 1)) highest.set(eventOf(sent), sent);
  }
  return [...highest.values()].filter(({ status = 'ok', test = false }) => status === 'ok' && !test);
}

function byKey(all: readonly Sent[]): Map<string, Sent[]> {
  const keys = new Map<string, Sent[]>();
  for (const sent of all) {
    const known = keys.get(sent.key);
    if (known) known.push(sent);
    else keys.set(sent.key, [sent]);
  }
  return keys;
}

const agree = (a: Sent, b: Sent): boolean =>
  Math.abs(Math.round(a.data.amount * 100) - Math.round(b.data.amount * 100)) <= 1 &&
  a.data.currency.toLowerCase() === b.data.currency.toLowerCase() &&
  Math.abs(microsOf(a.data.bookedAt) - microsOf(b.data.bookedAt)) <= 5_000_000 &&
  a.data.quantity === b.data.quantity;

/** Judges a day as naively as can be. `strict` decides what several events of a stage mean: some pair differs, or all do. */
function judge(all: readonly Sent[], strict: boolean): string[] {
  const carried = new Map<string, number>();
  for (const { key, originAt } of all) if (originAt !== undefined) carried.set(key, microsOf(originAt));
  const found: string[] = [];
  for (const [key, events] of byKey(counting(all))) {
    const origin = carried.get(key) ?? Math.min(...events.map(({ occurredAt }) => microsOf(occurredAt)));
    if (origin < DAY_START || origin >= DAY_END) continue;
    for (const [from, to] of [
      ['shop', 'hub'],
      ['hub', 'erp'],
    ] as const) {
      const before = events.filter(({ stage }) => stage === from);
      const after = events.filter(({ stage }) => stage === to);
      const find = (kind: string): unknown => found.push(`${key} ${kind} ${from}->${to} ${to}`);
      if (after.length < before.length) find('missing');
      if (before.length === 0 && after.length > 0) find('orphan');
      if (before.length > 0 && after.length > before.length) find('duplicate');
      const pairs = before.flatMap((one) => after.map((other) => !agree(one, other)));
      if (pairs.length > 0 && (strict ? pairs.some(Boolean) : pairs.every(Boolean))) find('mutated');
      if (after.some(({ occurredAt }) => microsOf(occurredAt) > DEADLINE)) find('late');
    }
  }
  return found.sort();
}

const texts = (planted: GeneratedDay['planted']): string[] =>
  planted.map(({ key, kind, hop, stage }) => `${key} ${kind} ${hop} ${stage}`).sort();

describe('generateDay', () => {
  it.each(SEEDS)('plants exactly what a naive judge finds, before and after healing (seed %i)', (seed) => {
    for (const orders of [60, 61, 1_500]) {
      const day = generateDay({ seed, orders });
      const main = mainOf(day);
      const all = [...main, ...parsed(linesOf(day.healing()))];
      for (const strict of [true, false]) {
        expect(judge(main, strict)).toEqual(texts(day.planted));
        expect(judge(all, strict)).toEqual(texts(day.plantedAfterHealing));
      }
      expect(day.plantedAfterHealing).toHaveLength(3);
    }
  });

  it('plants every kind, at every stage where it can be, and not only in pairs', () => {
    const { planted, summary } = generateDay({ seed: 5, orders: 20_000 });
    const kinds = new Map<string, number>();
    for (const { kind, stage } of planted) kinds.set(`${kind} ${stage}`, (kinds.get(`${kind} ${stage}`) ?? 0) + 1);
    expect(Object.fromEntries(kinds)).toEqual({
      'missing hub': 4,
      'missing erp': 7, // two more of duplicates that the ERP took once, one of an orphan that got no further
      'duplicate hub': 4,
      'duplicate erp': 4,
      'mutated hub': 4,
      'mutated erp': 4,
      'late erp': 4,
      'orphan hub': 4,
      'orphan erp': 5, // one more where the hub recorded nothing
    });
    expect(new Set(planted.map(({ key }) => key)).size).toBe(summary.faultyOrders);
    expect(new Set(planted.map(({ key, hop }) => key + hop)).size).toBe(planted.length);
    expect(summary.faultyOrders).toBe(36);
  });

  it.each(SEEDS)('gives the same bytes for the same seed (seed %i)', (seed) => {
    const [one, other] = [generateDay({ seed, orders: 2_000 }), generateDay({ seed, orders: 2_000 })];
    expect(digest(one.events())).toBe(digest(other.events()));
    expect(digest(one.events())).toBe(digest(one.events()));
    expect(digest(one.healing())).toBe(digest(other.healing()));
    expect(one.planted).toEqual(other.planted);
    expect(one.summary).toEqual(other.summary);
  });

  it('gives other bytes and other faults for another seed', () => {
    const days = SEEDS.map((seed) => generateDay({ seed, orders: 2_000 }));
    expect(new Set(days.map((day) => digest(day.events()))).size).toBe(SEEDS.length);
    const keys = days.flatMap(({ planted }) => [...new Set(planted.map(({ key }) => key))]);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each(SEEDS)('tells the account that intake will give (seed %i)', (seed) => {
    const day = generateDay({ seed, orders: 5_000 });
    const main = mainOf(day);
    const known = new Map<string, string>();
    expect(accountFor(main, known)).toEqual(day.summary.account);
    expect(accountFor(parsed(linesOf(day.healing())), known)).toEqual(day.summary.healingAccount);
    expect(day.summary.account.duplicate).toBeGreaterThan(0);
    expect(day.summary.account.conflict + day.summary.account.rejected).toBe(0);
  });

  it('counts what it sends', () => {
    const day = generateDay({ seed: 3, orders: 20_000 });
    const main = mainOf(day);
    const origin = new Map(main.flatMap(({ key, originAt }) => (originAt ? [[key, microsOf(originAt)]] : [])));
    const ofDay = (key: string): boolean => {
      const at = origin.get(key) ?? DAY_START;
      return at >= DAY_START && at < DAY_END;
    };
    const tests = main.filter(({ test }) => test);
    const standard = main.filter(({ test }) => !test);
    expect(tests).toHaveLength(day.summary.testEvents);
    expect(eventsFrom(standard.filter(({ key }) => ofDay(key)))).toBe(day.summary.events);
    expect(new Set(standard.filter(({ key }) => ofDay(key)).map(({ key }) => key)).size).toBe(20_000);
    expect(new Set(standard.filter(({ key }) => !ofDay(key)).map(({ key }) => key)).size).toBe(day.summary.bystanders);
    const kinds = { missing: 0, duplicate: 0, mutated: 0, late: 0, orphan: 0 };
    for (const { kind } of day.planted) kinds[kind]++;
    expect(day.summary.planted).toEqual(kinds);
  });

  it('sends clean records: allowed fields, right types, known stages, ASCII', () => {
    const day = generateDay({ seed: 8, orders: 3_000 });
    const names =
      'attempt correlationId data id key occurredAt originAt process sequence source stage status test type';
    const allowed = new Set(names.split(' '));
    const clean = (line: string): boolean => {
      const sent = JSON.parse(line) as Sent;
      const { amount, currency, quantity, bookedAt } = sent.data;
      return (
        Object.keys(sent).every((name) => allowed.has(name)) &&
        /^\{[\x20-\x7e]+\}$/.test(line) &&
        sent.process === day.process.id &&
        { shop: 1, hub: 2, erp: 3 }[sent.stage] === sent.sequence &&
        microsOf(sent.occurredAt) < DAY_END + 2 * 3_600_000_000 &&
        microsOf(bookedAt) > 0 &&
        /^(EUR|USD|GBP|CHF|PLN)$/i.test(currency) &&
        Number.isInteger(quantity) &&
        amount > 0 &&
        amount === Math.round(amount * 100) / 100
      );
    };
    const lines = [...linesOf(day.events()), ...linesOf(day.healing())];
    expect(lines.filter((line) => !clean(line))).toEqual([]);
  });

  it('gives one origin to all events of a key, and leaves it out at the hub of some shops only', () => {
    const main = mainOf(generateDay({ seed: 4, orders: 3_000 }));
    const without = main.filter(({ originAt }) => originAt === undefined);
    expect(without.length).toBeGreaterThan(100);
    expect(without.every(({ stage }) => stage === 'hub')).toBe(true);
    for (const [, events] of byKey(main)) {
      const origins = events.flatMap(({ originAt }) => (originAt ? [microsOf(originAt)] : []));
      if (new Set(origins).size > 1) throw new Error(`${events[0]!.key} has several origins`);
    }
  });

  it.each(SEEDS)(
    'has a fault at each edge of the day, and one that is none of its business beyond it (seed %i)',
    (seed) => {
      const day = generateDay({ seed, orders: 500 });
      const incomplete = new Map<number, string>();
      for (const [key, events] of byKey(counting(mainOf(day)))) {
        const origin = events.find(({ originAt }) => originAt !== undefined)?.originAt;
        if (origin && !events.some(({ stage }) => stage === 'erp')) incomplete.set(microsOf(origin), key);
      }
      const planted = new Set(day.planted.map(({ key }) => key));
      for (const inside of [DAY_START, DAY_END - 1]) expect(planted.has(incomplete.get(inside)!)).toBe(true);
      for (const outside of [DAY_START - 1, DAY_END]) {
        expect(incomplete.has(outside)).toBe(true);
        expect(planted.has(incomplete.get(outside)!)).toBe(false);
      }
      expect(day.window).toEqual({ from: '2026-11-20T00:00:00Z', to: '2026-11-21T00:00:00Z' });
    },
  );

  it('is out of order within bounds, with effects before their causes and attempts behind later ones', () => {
    const main = mainOf(generateDay({ seed: 6, orders: 20_000 }));
    const at = new Map<string, number>();
    main.forEach((sent, position) => {
      if (!at.has(recordOf(sent))) at.set(recordOf(sent), position);
    });
    const number = ({ key }: Sent): string => key.split('-')[1]!;
    const early = main.filter(
      (sent) =>
        sent.stage === 'hub' &&
        at.get(recordOf(sent))! < (at.get(`shop-${sent.key.slice(0, 2).toLowerCase()} ord-${number(sent)} 1`) ?? 0),
    );
    expect(early.length).toBeGreaterThan(200);
    expect(early.some(({ originAt }) => originAt === undefined)).toBe(true);
    const overtaken = main.filter(
      (sent) => sent.attempt === 2 && at.get(recordOf(sent))! < (at.get(recordOf({ ...sent, attempt: 1 })) ?? 0),
    );
    expect(overtaken.length).toBeGreaterThan(20);
    // Within a few thousand orders, but for what is late and therefore comes last.
    let [highest, farthest] = [0, 0];
    for (const sent of main.filter(({ occurredAt, test }) => !test && microsOf(occurredAt) < DAY_END)) {
      highest = Math.max(highest, Number(number(sent)));
      farthest = Math.max(farthest, highest - Number(number(sent)));
    }
    expect(farthest).toBeGreaterThan(1_000);
    expect(farthest).toBeLessThan(2_100);
  });

  it('repeats some steps and resends some records, in the same and in other words', () => {
    const day = generateDay({ seed: 9, orders: 20_000 });
    const seen = new Map<string, string>();
    const again = { identical: 0, reordered: 0 };
    let failed = 0;
    for (const line of linesOf(day.events())) {
      const sent = JSON.parse(line) as Sent;
      if (sent.status === 'failed') failed++;
      const before = seen.get(recordOf(sent));
      if (before !== undefined) again[before === line ? 'identical' : 'reordered']++;
      seen.set(recordOf(sent), before ?? line);
    }
    expect(again.identical).toBeGreaterThan(20);
    expect(again.reordered).toBeGreaterThan(3);
    expect(again.identical + again.reordered).toBe(day.summary.account.duplicate);
    expect(failed / day.summary.events).toBeGreaterThan(0.025);
    expect(failed).toBeGreaterThanOrEqual(day.summary.failedAttempts);
  });

  it('uses every tolerance up to its bound without a fault', () => {
    const day = generateDay({ seed: 10, orders: 5_000 });
    const planted = new Set(day.planted.map(({ key }) => key));
    const seen = { cent: 0, fiveSeconds: 0, case: 0, zone: 0 };
    for (const [key, events] of byKey(counting(mainOf(day)))) {
      const [hub, erp] = [events.find(({ stage }) => stage === 'hub'), events.find(({ stage }) => stage === 'erp')];
      if (planted.has(key) || !hub || !erp) continue;
      if (Math.abs(Math.round(hub.data.amount * 100 - erp.data.amount * 100)) === 1) seen.cent++;
      if (Math.abs(microsOf(hub.data.bookedAt) - microsOf(erp.data.bookedAt)) === 5_000_000) seen.fiveSeconds++;
      if (hub.data.currency !== erp.data.currency) seen.case++;
      if (events.some(({ data }) => data.bookedAt.endsWith('+05:30'))) seen.zone++;
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
  });

  it('follows the demand of a day, several zones and currencies', () => {
    const main = mainOf(generateDay({ seed: 12, orders: 20_000 })).filter(
      ({ stage, test }) => stage === 'shop' && !test,
    );
    const hours = Array.from({ length: 24 }, () => 0);
    for (const { originAt } of main) {
      const hour = Math.floor((microsOf(originAt!) - DAY_START) / 3_600_000_000);
      if (hour in hours) hours[hour] = hours[hour]! + 1;
    }
    expect(hours[3]! * 8).toBeLessThan(hours[11]!);
    expect(hours[14]!).toBeLessThan(hours[11]!);
    expect(hours[14]!).toBeLessThan(hours[19]!);
    const offsets = new Set(main.map(({ occurredAt }) => /(Z|[+-]\d\d:\d\d)$/.exec(occurredAt)![0]));
    expect(offsets).toEqual(new Set(['Z', '+00:00', '+01:00', '+02:00', '-05:00', '-08:00', '+05:30']));
    expect(new Set(main.map(({ data }) => data.currency))).toEqual(new Set(['EUR', 'USD', 'GBP', 'CHF', 'PLN']));
    const amounts = main.map(({ data }) => data.amount).sort((a, b) => a - b);
    const median = amounts[amounts.length >> 1]!;
    const mean = amounts.reduce((sum, amount) => sum + amount, 0) / amounts.length;
    expect(mean).toBeGreaterThan(1.2 * median); // skewed to the right
  });

  it('comes in full batches, on the day that it is asked for', () => {
    const day = generateDay({ seed: 1, orders: 10_000, day: '2024-02-29' });
    const sizes = [...day.events()].map(({ lines, ndjson }) => {
      expect(ndjson.toString().split('\n')).toHaveLength(lines + 1);
      return lines;
    });
    expect(sizes.slice(0, -1).every((size) => size === 10_000)).toBe(true);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(day.summary.account.received);
    expect(day.window).toEqual({ from: '2024-02-29T00:00:00Z', to: '2024-03-01T00:00:00Z' });
  });

  it('refuses what it cannot generate', () => {
    expect(() => generateDay({ seed: -1 })).toThrow(RangeError);
    expect(() => generateDay({ seed: 0.5 })).toThrow(RangeError);
    expect(() => generateDay({ seed: 1, orders: 59 })).toThrow(RangeError);
    expect(() => generateDay({ seed: 1, day: '2026-02-30' })).toThrow(RangeError);
  });
});
