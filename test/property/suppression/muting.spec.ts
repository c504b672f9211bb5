import { type ChangeReport, changeOf } from '@holdfast/domains/suppression/core/change';
import type { Matcher } from '@holdfast/domains/suppression/core/matcher';
import { type Firing, type PlacedWindow, windowMuting } from '@holdfast/domains/suppression/core/muting';
import type { When } from '@holdfast/domains/suppression/core/window';
import { spansOf, spansOfChanges } from '@holdfast/domains/suppression/occurrences';
import { formatInstant, type Micros, microsOf } from '@holdfast/kernel';
import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';

const MINUTE: Micros = 60_000_000;
const DAY = 1_440 * MINUTE;
/** Around changes of the clocks. */
const PLACES = [
  ['Europe/Berlin', '2026-03-27T12:00:00Z'],
  ['Europe/Berlin', '2026-10-23T12:00:00Z'],
  ['America/New_York', '2026-03-06T12:00:00Z'],
  ['America/New_York', '2026-10-30T12:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-02T12:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-01T12:00:00Z'],
  ['Asia/Kolkata', '2026-10-01T12:00:00Z'],
] as const;
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const SPAN = 5 * DAY;
const wallText = (at: Micros): string => new Date(at / 1000).toISOString().slice(0, 16);

const read = new Map<string, Map<Micros, number>>();

/** What the clocks of a zone show minute by minute, and the latest that they have shown so far: in the hour that comes twice that stands still. */
function clocks(zone: string, from: Micros, to: Micros): Map<Micros, number> {
  const known = read.get(`${zone} ${from}`);
  if (known) return known;
  const latest = new Map<Micros, number>();
  let most = -Infinity;
  for (let at = from; at < to; at += MINUTE) {
    const local = Temporal.Instant.fromEpochMilliseconds(at / 1000).toZonedDateTimeISO(zone);
    most = Math.max(most, at + local.offsetNanoseconds / 1000);
    latest.set(at, most);
  }
  read.set(`${zone} ${from}`, latest);
  return latest;
}

type Of<T> = T extends fc.Arbitrary<infer V> ? V : never;

/** A window, and whether it mutes at a minute: asked of the minute alone. */
interface Modelled {
  readonly window: PlacedWindow;
  readonly mutes: (at: Micros) => boolean;
  /** Undefined while a change is under way. */
  readonly isOpenEnded: (at: Micros) => boolean;
}

const minute = fc.integer({ min: -1_000, max: SPAN / MINUTE });
const matchers = fc.constantFrom<Matcher[]>(
  [{ label: 'process', op: '=', value: 'p' }],
  [{ label: 'process', op: '!=', value: 'p' }],
  [{ label: 'process', op: '=~', value: 'p|q' }],
  [{ label: 'process', op: '!~', value: 'q.*' }],
);
const oneOffs = fc.record({
  kind: fc.constant('one-off' as const),
  begin: minute,
  length: fc.integer({ min: 1, max: 2_000 }),
});
const recurrings = fc.record({
  kind: fc.constant('recurring' as const),
  startTime: fc.integer({ min: 0, max: 1_439 }),
  length: fc.integer({ min: 1, max: 2_000 }),
  days: fc.subarray(WEEKDAYS, { minLength: 1 }),
});
const changes = fc.record({
  kind: fc.constant('deployment' as const),
  started: minute,
  ended: fc.option(minute, { nil: undefined }),
  after: fc.integer({ min: 0, max: 300 }),
  most: fc.integer({ min: 1, max: 3_000 }),
});
type Made = Of<typeof oneOffs> | Of<typeof recurrings> | Of<typeof changes>;

function modelled(
  made: Made,
  own: Matcher[],
  id: string,
  zone: string,
  from: Micros,
  shown: ReadonlyMap<Micros, number>,
): Modelled {
  const placed = (when: When, spans: PlacedWindow['spans']): PlacedWindow => ({
    ...{ id, spans, definition: { reason: '', owner: '', enabled: true, matchers: own, when } },
  });
  const never = (): boolean => false;
  if (made.kind === 'one-off') {
    const [begin, end] = [from + made.begin * MINUTE, from + (made.begin + made.length) * MINUTE];
    const when = { kind: made.kind, from: formatInstant(begin), to: formatInstant(end) } as const;
    return {
      window: placed(when, spansOf(when, from, from + SPAN)),
      mutes: (at) => begin <= at && at < end,
      isOpenEnded: never,
    };
  }
  if (made.kind === 'deployment') {
    const when = { kind: made.kind, changes: [], afterSeconds: made.after * 60, maxSeconds: made.most * 60 } as const;
    const report = (state: 'started' | 'finished', at: Micros): ChangeReport => ({
      ...{
        id: 'c',
        kind: 'deployment',
        state,
        labels: {},
        title: '',
        link: '',
        by: '',
        at,
        reportedBy: '',
        reportedAt: at,
      },
    });
    const start = from + made.started * MINUTE;
    const end = made.ended === undefined ? undefined : from + made.ended * MINUTE;
    const change = changeOf([report('started', start), ...(end === undefined ? [] : [report('finished', end)])]);
    const mutes = (at: Micros): boolean =>
      at >= start &&
      at < start + made.most * MINUTE &&
      (end === undefined || at < Math.max(start, end) + made.after * MINUTE);
    return { window: placed(when, spansOfChanges(when, [change])), mutes, isOpenEnded: () => end === undefined };
  }
  const when = {
    ...{ kind: made.kind, zone, start: `2026-01-01T${wallText(made.startTime * MINUTE).slice(11)}` },
    ...{ durationSeconds: made.length * 60, rrule: `FREQ=WEEKLY;BYDAY=${made.days.join(',')}` },
  };
  // The wall is within an occurrence when one began on it in the last minutes, as many as it is long.
  const mutes = (at: Micros): boolean => {
    const wall = shown.get(at)!;
    for (let day = Math.floor(wall / DAY) - 2; day <= Math.floor(wall / DAY); day++) {
      const begin = day * DAY + made.startTime * MINUTE;
      const weekday = WEEKDAYS[(((day + 3) % 7) + 7) % 7]!;
      if (made.days.includes(weekday) && begin <= wall && wall < begin + made.length * MINUTE) return true;
    }
    return false;
  };
  return { window: placed(when, spansOf(when, from, from + SPAN)), mutes, isOpenEnded: never };
}

it('mutes when a model says so that is asked minute by minute, by a window that does, and until it does no longer', () => {
  const windows = fc.array(fc.tuple(fc.oneof(oneOffs, recurrings, changes), matchers), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...PLACES), windows, fc.constantFrom('p', 'q', 'r'), ([zone, begin], all, process) => {
      const from = microsOf(begin);
      const shown = clocks(zone, from - 3 * DAY, from + SPAN + 3 * DAY);
      const models = all.map(([made, own], i) => modelled(made, own, `w${i}`, zone, from, shown));
      const fits = (own: Matcher[]): boolean =>
        own.every(
          ({ op, value }) =>
            ({ '=': process === 'p', '!=': process !== 'p', '=~': process !== 'r', '!~': process !== 'q' })[op] &&
            value !== '',
        );
      const mine = models.filter((_, i) => fits(all[i]![1]));
      const alert: Firing = { alertId: 'a', labels: { process }, raisedAt: from };
      const placed = models.map(({ window }) => window);
      for (let at = from; at < from + SPAN; at += 7 * MINUTE) {
        const found = windowMuting(placed, alert, at);
        const muting = mine.filter(({ mutes }) => mutes(at));
        if ((found !== undefined) !== muting.length > 0)
          throw new Error(`${formatInstant(at)}: ${found?.by}, not ${muting.map(({ window }) => window.id).join()}`);
        if (!found) continue;
        const by = muting.find(({ window }) => window.id === found.by);
        if (!by) throw new Error(`${formatInstant(at)}: ${found.by} does not mute`);
        if (found.until === undefined) {
          if (!muting.every(({ isOpenEnded }) => isOpenEnded(at))) throw new Error('an end is known');
          continue;
        }
        // Until then it mutes without a break; then it does not, and no other has an end that is known and later.
        for (let later = at; later < found.until; later += 7 * MINUTE)
          if (shown.has(later) && !by.mutes(later))
            throw new Error(`${formatInstant(later)}: over before ${formatInstant(found.until)}`);
        if (found.until < from + SPAN && by.mutes(found.until))
          throw new Error(`${formatInstant(found.until)}: goes on`);
      }
    }),
    { numRuns: 150 },
  );
});
