import { Timeline, assignments } from '@holdfast/domains/oncall/core/timeline';
import type { Layer, ScheduleDefinition } from '@holdfast/domains/oncall/core/schedule';
import { WEEKDAYS } from '@holdfast/domains/oncall/core/wall-time';
import { clockOf } from '@holdfast/platform/calendar/clocks';
import { type Benchmark, rounded } from './benchmark';

const MINUTE = 60_000_000;
const DAY = 1_440 * MINUTE;
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC'] as const;
/** October: clocks change in three of the zones. */
const FROM = Date.UTC(2026, 9, 1) * 1000;
/** The baseline is asked for every so many minutes: every minute would take it an hour. */
const SPARSE = 1_009;

/** Three layers: a weekly one all day, a daily one at night, one of twelve hours at weekends. */
function scheduleOf(i: number): ScheduleDefinition {
  const layer = (name: string, over: Partial<Layer>): Layer => ({
    ...{ name, rotation: { kind: 'daily' }, handover: '09:00', start: '2026-01-05', restrictions: [] },
    participants: Array.from({ length: 3 + (i % 5) }, (_, k) => `person-${i}-${k}`),
    ...over,
  });
  return {
    zone: ZONES[i % ZONES.length]!,
    ...{ owner: 'team', reportGaps: false },
    layers: [
      layer('weekly', { rotation: { kind: 'weekly', weekday: WEEKDAYS[i % 7]! } }),
      layer('nights', { handover: '20:00', restrictions: [{ kind: 'day', from: '20:00', to: '06:00' }] }),
      layer('weekends', {
        rotation: { kind: 'custom', hours: 12 },
        restrictions: [{ kind: 'week', fromDay: 'saturday', from: '00:00', toDay: 'monday', to: '00:00' }],
      }),
    ],
  };
}

const inForce = (definition: ScheduleDefinition, from: number, to: number) => [
  { definition, clock: clockOf(definition.zone, from, to), from: -Infinity, to: Infinity },
];

export const onCall: Benchmark = {
  name: 'on-call',
  about:
    'who is on call, 1,000 schedules each minute of a month, against resolving each minute anew, us (--schedules 1000)',
  async run(options) {
    const schedules = Array.from({ length: Number(options['schedules'] ?? 1_000) }, (_, i) => scheduleOf(i));
    const to = FROM + 31 * DAY;
    const anew = (definition: ScheduleDefinition, at: number): string | undefined =>
      new Timeline(assignments(inForce(definition, at, at + MINUTE), [], at, at + MINUTE)).at(at)?.person;
    for (const one of schedules.slice(0, 50)) anew(one, FROM); // zones are read, and the code is warm
    let [lookUps, found, different, asked, buildMs] = [0, 0, 0, 0, 0];
    let [figureMs, baselineMs] = [0, 0];
    for (const definition of schedules) {
      const begun = performance.now();
      const timeline = new Timeline(assignments(inForce(definition, FROM, to), [], FROM, to));
      buildMs += performance.now() - begun;
      for (let at = FROM; at < to; at += MINUTE, lookUps++) if (timeline.at(at)) found++;
      figureMs += performance.now() - begun;
      const again = performance.now();
      for (let at = FROM; at < to; at += SPARSE * MINUTE, asked++)
        if (anew(definition, at) !== timeline.at(at)?.person) different++;
      baselineMs += performance.now() - again;
    }
    if (found === 0 || different > 0)
      throw new Error(`${different} of ${asked} look-ups differ, ${found} have somebody`);
    const [figure, baseline] = [(figureMs * 1000) / lookUps, (baselineMs * 1000) / asked];
    return {
      figure: rounded(figure, 4),
      unit: 'us',
      baseline: rounded(baseline),
      ratio: rounded(figure / baseline, 4),
      target: 50,
      look_ups: lookUps,
      schedule_made_ready_us: rounded((buildMs * 1000) / schedules.length),
    };
  },
};
