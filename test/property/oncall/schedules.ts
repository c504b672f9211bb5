import type { InForce } from '@holdfast/domains/oncall/core/timeline';
import type { Layer, Restriction, ScheduleDefinition } from '@holdfast/domains/oncall/core/schedule';
import { WEEKDAYS } from '@holdfast/domains/oncall/core/wall-time';
import { type Micros, ZoneClock } from '@holdfast/kernel';
import { zoneOffsets } from '@holdfast/platform/calendar';
import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';

const MINUTE: Micros = 60_000_000;
const DAY: Micros = 86_400_000_000;

export const clockOf = (zone: string, from: Micros, to: Micros): ZoneClock =>
  new ZoneClock(zoneOffsets(zone, from - 5 * DAY, to + 5 * DAY));

/** As if the definition had always been there. */
export const always = (definition: ScheduleDefinition, from: Micros, to: Micros): InForce => ({
  ...{ definition, clock: clockOf(definition.zone, from, to) },
  ...{ from: -Infinity, to: Infinity },
});

const time = fc
  .tuple(fc.constantFrom(0, 1, 2, 3, 8, 18, 20, 23), fc.constantFrom(0, 15, 30, 59))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
const weekday = fc.constantFrom(...WEEKDAYS);
const restriction: fc.Arbitrary<Restriction> = fc.oneof(
  fc
    .record({
      kind: fc.constant('day' as const),
      from: time,
      to: time,
      days: fc.option(fc.uniqueArray(weekday, { minLength: 1 }), { nil: undefined }),
    })
    .filter(({ from, to }) => from !== to),
  fc
    .record({ kind: fc.constant('week' as const), fromDay: weekday, from: time, toDay: weekday, to: time })
    .filter((one) => one.fromDay !== one.toDay || one.from !== one.to),
);
/** Layers that begin from so many days before a date to so many behind it. */
const layerAround = (date: string): fc.Arbitrary<Layer> => {
  const day = fc.integer({ min: -40, max: 2 }).map((days) => Temporal.PlainDate.from(date).add({ days }).toString());
  return fc.record({
    name: fc.string({ minLength: 1, maxLength: 5 }),
    rotation: fc.oneof(
      fc.constant({ kind: 'daily' as const }),
      weekday.map((one) => ({ kind: 'weekly' as const, weekday: one })),
      fc.constantFrom(1, 5, 8, 12, 24, 36, 168).map((hours) => ({ kind: 'custom' as const, hours })),
    ),
    handover: time,
    start: day,
    end: fc.option(
      fc.integer({ min: -3, max: 4 }).map((days) => Temporal.PlainDate.from(date).add({ days }).toString()),
      { nil: undefined },
    ),
    participants: fc.array(fc.constantFrom('ada', 'bo', 'cy'), { minLength: 1, maxLength: 5 }),
    restrictions: fc.array(restriction, { maxLength: 2 }),
  });
};
/** Zones with a date on which their clocks change: forth and back, by half an hour, by a whole day, or never. */
const CHANGES = [
  ['Europe/Berlin', '2026-03-29'],
  ['Europe/Berlin', '2026-10-25'],
  ['America/New_York', '2026-03-08'],
  ['America/New_York', '2026-11-01'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Pacific/Apia', '2011-12-30'],
  ['UTC', '2026-06-01'],
] as const;

export interface Around {
  readonly definition: ScheduleDefinition;
  readonly from: Micros;
  readonly to: Micros;
}
/** A schedule, and four days about a change of its clocks. */
export const scheduleAround: fc.Arbitrary<Around> = fc.constantFrom(...CHANGES).chain(([zone, date]) =>
  fc.record({ layers: fc.array(layerAround(date), { minLength: 1, maxLength: 3 }) }).map(({ layers }) => {
    const from = Temporal.PlainDate.from(date).subtract({ days: 2 }).toZonedDateTime(zone).epochMilliseconds * 1000;
    return { definition: { zone, layers, owner: 'team', reportGaps: true }, from, to: from + 4 * DAY };
  }),
);

/** A local time as `YYYY-MM-DDTHH:MM`: texts in the order of time. */
type Shown = string;
const shownAt = (one: Temporal.PlainDateTime): Shown => one.toString().slice(0, 16);

/**
 * The model: asked minute by minute, with the calendar of a library. What the clocks have shown at most until a minute decides: in the hour that comes twice that
 * stands still, and over the one that is skipped it leaps.
 */
export class Model {
  private readonly shown = new Map<Micros, Shown>();
  private readonly layers: readonly ModelLayer[];

  constructor({ zone, layers }: ScheduleDefinition, from: Micros, to: Micros) {
    let most: Shown = '';
    for (let at = from - 2 * DAY; at < to; at += MINUTE) {
      const { offsetNanoseconds } = Temporal.Instant.fromEpochMilliseconds(at / 1000).toZonedDateTimeISO(zone);
      const wall = new Date(at / 1000 + offsetNanoseconds / 1e6).toISOString().slice(0, 16);
      if (wall > most) most = wall;
      this.shown.set(at, most);
    }
    this.layers = layers.map((layer) => new ModelLayer(layer, most));
  }

  at(minute: Micros): string | undefined {
    const wall = this.shown.get(minute)!;
    return this.layers.reduce<string | undefined>((who, layer) => layer.at(wall) ?? who, undefined);
  }
}

class ModelLayer {
  private readonly start: Shown;
  private readonly end: Shown;
  /** After the start, one by one. */
  private readonly handovers: Shown[] = [];

  constructor(
    private readonly layer: Layer,
    until: Shown,
  ) {
    const on = (date: string): Temporal.PlainDateTime => Temporal.PlainDate.from(date).toPlainDateTime(layer.handover);
    const { rotation, start, end } = layer;
    this.start = shownAt(on(start));
    this.end = end === undefined ? '9' : shownAt(on(end));
    const step = rotation.kind === 'custom' ? { hours: rotation.hours } : { days: 1 };
    for (let next = on(start).add(step); shownAt(next) <= until; next = next.add(step))
      if (rotation.kind !== 'weekly' || WEEKDAYS[next.dayOfWeek - 1] === rotation.weekday)
        this.handovers.push(shownAt(next));
  }

  at(wall: Shown): string | undefined {
    const { restrictions, participants } = this.layer;
    if (wall < this.start || wall >= this.end) return undefined;
    if (restrictions.length > 0 && !restrictions.some((one) => applies(one, wall))) return undefined;
    const turns = this.handovers.filter((one) => one <= wall).length;
    return participants[turns % participants.length];
  }
}

function applies(restriction: Restriction, wall: Shown): boolean {
  const day = (new Date(`${wall}Z`).getUTCDay() + 6) % 7;
  const time = wall.slice(11);
  const { from, to } = restriction;
  if (restriction.kind === 'week') {
    const place = (name: string, at: string): string => `${WEEKDAYS.findIndex((one) => one === name)} ${at}`;
    const [begin, end, now] = [place(restriction.fromDay, from), place(restriction.toDay, to), `${day} ${time}`];
    return begin < end ? begin <= now && now < end : begin <= now || now < end;
  }
  const isDay = (of: number): boolean => restriction.days?.includes(WEEKDAYS[of]!) ?? true;
  if (from < to) return isDay(day) && from <= time && time < to;
  return (isDay(day) && from <= time) || (isDay((day + 6) % 7) && time < to);
}
