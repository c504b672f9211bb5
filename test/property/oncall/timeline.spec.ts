import { assignments, gapsOf, shiftsOf, Timeline } from '@holdfast/domains/oncall/core/timeline';
import type { Override } from '@holdfast/domains/oncall/core/override';
import { kindAt, KINDS_OF_HOUR, shareOf, type TimeByKind } from '@holdfast/domains/oncall/core/fairness';
import { WEEKDAYS } from '@holdfast/domains/oncall/core/wall-time';
import type { Micros } from '@holdfast/kernel';
import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { always, clockOf, Model, scheduleAround } from './schedules';

const MINUTE: Micros = 60_000_000;
const DAY = 1_440 * MINUTE;
const RUNS = { numRuns: 60 };

/** Overrides in the minutes of four days: who, from when, how long, and how long until it is withdrawn. */
const overrides = fc.array(
  fc.record({
    person: fc.constantFrom('dee', 'eve'),
    begin: fc.integer({ min: -500, max: 5_700 }),
    length: fc.integer({ min: 1, max: 2_000 }),
    withdrawn: fc.option(fc.integer({ min: -600, max: 6_000 }), { nil: undefined }),
  }),
  { maxLength: 5 },
);

it('says what a model says that is asked minute by minute: layers, restrictions, overrides, gaps', () => {
  fc.assert(
    fc.property(scheduleAround, overrides, ({ definition, from, to }, taken) => {
      const made = taken.map(({ person, begin, length, withdrawn }, i): Override => {
        const span = { from: from + begin * MINUTE, to: from + (begin + length) * MINUTE };
        const over = withdrawn === undefined ? undefined : { by: 'x', at: from + withdrawn * MINUTE };
        return { id: `o${i}`, schedule: 's', person, ...span, reason: '', by: 'x', at: i, withdrawn: over };
      });
      const assigned = assignments([always(definition, from, to)], made, from, to);
      const timeline = new Timeline(assigned);
      const model = new Model(definition, from, to);
      const gaps = gapsOf(assigned, from, to);
      const shifts = shiftsOf(assigned);
      let [gap, shift] = [0, 0];
      for (let at = from; at < to; at += MINUTE) {
        const newest = made.findLast(
          (one) => one.from <= at && at < one.to && !(one.withdrawn && one.withdrawn.at <= at),
        );
        const expected = newest?.person ?? model.at(at);
        const found = timeline.at(at);
        if (found?.person !== expected || (newest && found?.override !== newest.id))
          throw new Error(`${new Date(at / 1000).toISOString()}: ${found?.person}, not ${expected}`);
        while (gaps[gap] && gaps[gap]!.to <= at) gap++;
        while (shifts[shift] && shifts[shift]!.to <= at) shift++;
        const isGap = gaps[gap] !== undefined && gaps[gap]!.from <= at;
        if (isGap !== (expected === undefined)) throw new Error(`${at} is ${isGap ? 'a' : 'no'} gap`);
        if (expected !== undefined && shifts[shift]?.person !== expected)
          throw new Error(`${at} is in no shift of theirs`);
      }
      for (const [one, next] of shifts.slice(1).map((next, i) => [shifts[i]!, next] as const))
        expect(next.from > one.to || (next.from === one.to && next.person !== one.person)).toBe(true);
      expect([...shifts, ...gaps].reduce((sum, one) => sum + one.to - one.from, 0)).toBe(to - from);
    }),
    RUNS,
  );
});

it('has the same assignments whatever span they are asked for', () => {
  const cut = fc.integer({ min: 0, max: 5_760 });
  fc.assert(
    fc.property(scheduleAround, cut, cut, ({ definition, from, to }, a, b) => {
      const [first, last] = [from + Math.min(a, b) * MINUTE, from + Math.max(a, b) * MINUTE];
      const whole = assignments([always(definition, from, to)], [], from, to);
      const clipped = whole
        .map((one) => ({ ...one, from: Math.max(one.from, first), to: Math.min(one.to, last) }))
        .filter((one) => one.from < one.to);
      expect(assignments([always(definition, first, last)], [], first, last)).toEqual(clipped);
    }),
  );
});

it('a turn of 24 hours is a day, and one of 168 a week', () => {
  fc.assert(
    fc.property(scheduleAround, ({ definition, from, to }) => {
      const layers = definition.layers.map((one) => {
        const weekday = WEEKDAYS[Temporal.PlainDate.from(one.start).dayOfWeek - 1]!;
        return { one, weekly: { ...one, rotation: { kind: 'weekly', weekday } as const } };
      });
      const by = (kind: 'daily' | 'weekly', hours: number) => {
        const own = layers.map(({ one, weekly }) =>
          kind === 'weekly' ? weekly : { ...one, rotation: { kind } as const },
        );
        const custom = own.map((one) => ({ ...one, rotation: { kind: 'custom', hours } as const }));
        return [own, custom].map((all) =>
          assignments([always({ ...definition, layers: all }, from, to)], [], from, to),
        );
      };
      for (const [own, custom] of [by('daily', 24), by('weekly', 168)]) expect(custom).toEqual(own);
    }),
  );
});

it('a version changes nothing of what was before it', () => {
  fc.assert(
    fc.property(
      scheduleAround,
      scheduleAround,
      fc.integer({ min: 0, max: 5_760 }),
      ({ definition, from, to }, other, minute) => {
        const changed = from + minute * MINUTE;
        const before = { ...always(definition, from, to), to: changed };
        const after = { ...always(other.definition, from, to), from: changed };
        const both = assignments([before, after], [], from, to);
        expect(both).toEqual([
          ...assignments([always(definition, from, to)], [], from, changed),
          ...assignments([always(other.definition, from, to)], [], changed, to),
        ]);
      },
    ),
  );
});

it('hours of each kind add up to the shifts, and are those of every minute', () => {
  const time = fc.constantFrom('00:00', '02:30', '07:00', '09:00', '17:00', '22:00');
  const part = fc.record({ from: time, to: time }).filter(({ from, to }) => from !== to);
  const person = fc.record({
    zone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
    businessHours: part.chain((hours) =>
      fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }).map((days) => ({ ...hours, days })),
    ),
    sleepHours: part,
  });
  fc.assert(
    fc.property(
      scheduleAround,
      person,
      fc.array(fc.integer({ min: 0, max: 5_760 }), { minLength: 2 }),
      (around, one, cuts) => {
        const { from, to } = around;
        const edges = [...new Set(cuts)].sort((a, b) => a - b).map((minute) => from + minute * MINUTE);
        const shifts = edges.slice(1).map((edge, i) => ({ person: 'ada', from: edges[i]!, to: edge }));
        const expected: TimeByKind = { business: 0, off: 0, sleep: 0, weekend: 0 };
        for (const shift of shifts)
          for (let at = shift.from; at < shift.to; at += MINUTE) {
            const local = Temporal.Instant.fromEpochMilliseconds(at / 1000).toZonedDateTimeISO(one.zone);
            expected[kindAt(one, local.toPlainDateTime().toZonedDateTime('UTC').epochMilliseconds * 1000)] += MINUTE;
          }
        const share = shareOf('ada', one, clockOf(one.zone, from, to), shifts);
        expect(share).toEqual({
          person: 'ada',
          shifts: shifts.length,
          ...expected,
          total: KINDS_OF_HOUR.reduce((sum, kind) => sum + expected[kind], 0),
        });
        expect(share.total).toBe(shifts.reduce((sum, shift) => sum + shift.to - shift.from, 0));
      },
    ),
    { numRuns: 20 },
  );
});

it('leaves out an override that was withdrawn before it began, and keeps what was over by then', () => {
  const from = Date.UTC(2026, 5, 1) * 1000;
  const span = {
    id: 'o',
    schedule: 's',
    person: 'dee',
    from: from + DAY,
    to: from + 3 * DAY,
    reason: '',
    by: 'x',
    at: 0,
  };
  const who = (at: Micros | undefined) =>
    assignments([], [{ ...span, withdrawn: at === undefined ? undefined : { by: 'x', at } }], from, from + 4 * DAY).map(
      (one) => [(one.from - from) / DAY, (one.to - from) / DAY],
    );
  expect([who(undefined), who(from), who(from + 2 * DAY), who(from + 9 * DAY)]).toEqual([
    [[1, 3]],
    [],
    [[1, 2]],
    [[1, 3]],
  ]);
});
