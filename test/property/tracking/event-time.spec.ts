import { type EventTime, type NoTime, readTime } from '@holdfast/domains/tracking/core/event-time';
import { IanaTimeZones } from '@holdfast/domains/tracking/intake/time-zones';
import { formatInstant, microsOf } from '@holdfast/kernel';
import * as fc from 'fast-check';

const zones = new IanaTimeZones();
const read = (value: unknown, zone?: string): EventTime | NoTime => readTime(value, zone, zones);
/** The instant and what was noted, or the code of what is wrong. */
const told = (value: unknown, zone?: string): string => {
  const found = read(value, zone);
  return 'code' in found ? found.code : `${formatInstant(found.at)} ${found.note}`;
};

/** Clock changes as the IANA database has them: a time that was skipped, and one that was shown twice, with the instants they are read as. */
const CHANGES: readonly [zone: string, skipped: string, isRead: string, twice: string, isFirst: string][] = [
  ['Europe/Berlin', '2026-03-29T02:30:00', '2026-03-29T01:30:00Z', '2026-10-25T02:30:00', '2026-10-25T00:30:00Z'],
  ['Europe/London', '2026-03-29T01:30:00', '2026-03-29T01:30:00Z', '2026-10-25T01:30:00', '2026-10-25T00:30:00Z'],
  ['America/New_York', '2026-03-08T02:30:00', '2026-03-08T07:30:00Z', '2025-11-02T01:30:00', '2025-11-02T05:30:00Z'],
  ['America/Los_Angeles', '2026-03-08T02:30:00', '2026-03-08T10:30:00Z', '2025-11-02T01:30:00', '2025-11-02T08:30:00Z'],
  ['America/St_Johns', '2026-03-08T02:30:00', '2026-03-08T06:00:00Z', '2025-11-02T01:30:00', '2025-11-02T04:00:00Z'],
  ['America/Sao_Paulo', '2018-11-04T00:30:00', '2018-11-04T03:30:00Z', '2018-02-17T23:30:00', '2018-02-18T01:30:00Z'],
  ['Australia/Sydney', '2025-10-05T02:30:00', '2025-10-04T16:30:00Z', '2026-04-05T02:30:00', '2026-04-04T15:30:00Z'],
  // Half an hour only.
  ['Australia/Lord_Howe', '2025-10-05T02:15:00', '2025-10-04T15:45:00Z', '2026-04-05T01:45:00', '2026-04-04T14:45:00Z'],
  ['Pacific/Auckland', '2025-09-28T02:30:00', '2025-09-27T14:30:00Z', '2026-04-05T02:30:00', '2026-04-04T13:30:00Z'],
  ['Asia/Tehran', '2021-03-22T00:30:00', '2021-03-21T21:00:00Z', '2021-09-21T23:30:00', '2021-09-21T19:00:00Z'],
];

describe.each(CHANGES)('when clocks change in %s', (zone, skipped, isRead, twice, isFirst) => {
  it('a skipped time is read by the offset before the change', () => {
    expect(told(skipped, zone)).toBe(`${isRead} gap`);
    expect(told(`${skipped}[${zone}]`)).toBe(`${isRead} gap`);
  });

  it('a time that comes twice is the first, and its offset tells the second', () => {
    expect(told(twice, zone)).toBe(`${isFirst} fold`);
    const second = formatInstant(microsOf(isFirst) + (zone === 'Australia/Lord_Howe' ? 30 : 60) * 60_000_000);
    const offsets = [isFirst, second].map((at) => Math.round((microsOf(`${twice}Z`) - microsOf(at)) / 60_000_000));
    for (const [index, minutes] of offsets.entries()) {
      const size = Math.abs(minutes);
      const text = `${minutes < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
      expect(told(`${twice}${text}[${zone}]`)).toBe(`${[isFirst, second][index]} none`);
    }
  });
});

describe('local times', () => {
  it('skip whole days where a country crosses the date line', () => {
    expect(told('2011-12-30T12:00:00', 'Pacific/Apia')).toBe('2011-12-30T22:00:00Z gap');
  });

  it('of every zone and instant are read as the instant at which its clocks show them, or an earlier one that shows the same', () => {
    const names = Intl.supportedValuesOf('timeZone');
    const at = fc.integer({ min: 946_684_800, max: 2_000_000_000 });
    fc.assert(
      fc.property(fc.constantFrom(...names), at, (zone, seconds) => {
        const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
        const text = shown.format(seconds * 1000);
        const found = read(text, zone) as EventTime;
        expect(shown.format(found.at / 1000)).toBe(text);
        expect(found.at <= seconds * 1e6).toBe(true);
        expect(found.note === 'fold' || found.at === seconds * 1e6).toBe(true);
        expect(found.note).not.toBe('gap');
      }),
      { numRuns: 400 },
    );
  });

  it('take minutes alone, a space, and fractions', () => {
    expect(told('2026-07-01 12:00', 'Europe/Berlin')).toBe('2026-07-01T10:00:00Z none');
    expect(told('2026-07-01T12:00:00.123456789', 'Asia/Kolkata')).toBe('2026-07-01T06:30:00.123456Z none');
  });

  it.each([
    ['2026-07-01T12:00:00', undefined, 'invalid_time'],
    ['2026-07-01T12:00:00', 'Europe/Bärlin', 'unknown_time_zone'],
    ['2026-07-01T12:00:00', 'Mars/Olympus', 'unknown_time_zone'],
    ['2026-07-01T12:00:00', '+02:00', 'unknown_time_zone'],
    ['2026-07-01T12:00:00+02:00[Mars/Olympus]', undefined, 'unknown_time_zone'],
    ['2026-07-01T12:00:00+01:00[Europe/Berlin]', undefined, 'contradictory_time'],
    ['2026-07-01T12:00:00+01:00', 'Europe/Berlin', 'contradictory_time'],
    ['2026-07-01T12:00:00Z', 'Mars/Olympus', 'unknown_time_zone'],
    ['2026-07-01T12:00:00', '2020-01-01T00:00+05:00', 'unknown_time_zone'],
    ['2026-07-01T12:00:00[Europe/Berlin][!u-ca=gregory]', undefined, 'invalid_time'],
    ['2026-02-30T12:00:00', 'Europe/Berlin', 'invalid_time'],
    ['2026-07-01T25:00', 'Europe/Berlin', 'invalid_time'],
    ['yesterday', 'Europe/Berlin', 'invalid_time'],
    ['', undefined, 'invalid_time'],
    [true, undefined, 'wrong_type'],
    [Number.NaN, undefined, 'invalid_time'],
  ])('%s in %s: %s', (value, zone, code) => expect(told(value, zone)).toBe(code));

  it('know that Z behind which a zone stands says nothing of the zone', () => {
    expect(told('2026-07-01T12:00:00Z[Europe/Berlin]')).toBe('2026-07-01T12:00:00Z none');
    expect(told('2026-07-01T12:00:00-00:00[Europe/Berlin]')).toBe('2026-07-01T12:00:00Z none');
    expect(told('2026-07-01T12:00:00+02:00[Europe/Berlin][u-ca=gregory]')).toBe('2026-07-01T10:00:00Z none');
    expect(told('2026-07-01T12:00:00+02:00', 'Europe/Berlin')).toBe('2026-07-01T10:00:00Z none');
  });
});

describe('time since 1970', () => {
  const micros = fc.integer({ min: 946_684_800_000_000, max: 4_102_444_800_000_000 });

  it('is read in each unit, as a number and in digits', () => {
    fc.assert(
      fc.property(micros, (at) => {
        const [seconds, millis] = [Math.floor(at / 1e6), Math.floor(at / 1e3)];
        const is = (value: unknown): number => (read(value) as EventTime).at;
        expect([is(seconds), is(String(seconds))]).toEqual([seconds * 1e6, seconds * 1e6]);
        expect([is(millis), is(String(millis))]).toEqual([millis * 1e3, millis * 1e3]);
        expect([is(at), is(String(at)), is(`${at}999`)]).toEqual([at, at, at]);
        expect(is(`${seconds}.${String(at % 1_000_000).padStart(6, '0')}`)).toBe(at);
        expect(is(`${millis}.${String(at % 1_000).padStart(3, '0')}`)).toBe(at);
      }),
    );
  });

  it.each([
    ['1e9'],
    ['-1000000000'],
    ['12345678901234567890'],
    ['1732200000.'],
    [' 1732200000'],
    [-1_732_200_000],
    [Infinity],
  ])('%s is none', (value) => expect(told(value)).toBe('invalid_time'));
});

describe('the text as it was sent', () => {
  it('is kept where the instant does not give it back, and only there', () => {
    const text = (value: unknown, zone?: string): string => (read(value, zone) as EventTime).text;
    expect(text('2026-07-01T12:00:00Z')).toBe('');
    expect(text('2026-07-01T12:00:00.120Z')).toBe('');
    expect(text('2026-07-01T12:00:00.123456Z')).toBe('');
    for (const other of [
      '2026-07-01T12:00:00.000Z',
      '2026-07-01T12:00:00.5Z',
      '2026-07-01T12:00:00.123000Z',
      '2026-07-01t12:00:00z',
      '2026-06-30T23:59:60Z',
      '2026-07-01T12:00:00+02:00',
      '1782900000',
    ])
      expect(text(other)).toBe(other);
    expect(text(1_782_900_000_123)).toBe('1782900000123');
    expect(text('2026-07-01T12:00', 'Europe/Berlin')).toBe('2026-07-01T12:00[Europe/Berlin]');
  });

  it('is always that, or the instant as it is written', () => {
    const form = fc.integer({ min: 0, max: 9 });
    const instant = fc.integer({ min: 946_684_800_000_000, max: 4_102_444_800_000_000 });
    fc.assert(
      fc.property(instant, form, (at, digits) => {
        const fraction =
          digits === 0
            ? ''
            : `.${String(at % 1_000_000)
                .padStart(6, '0')
                .padEnd(9, '0')
                .slice(0, digits)}`;
        const sent = formatInstant(at).replace(/(\.\d+)?Z$/, `${fraction}Z`);
        const found = read(sent) as EventTime;
        expect(found.text === '' ? formatInstant(found.at) : found.text).toBe(sent);
      }),
    );
  });
});
