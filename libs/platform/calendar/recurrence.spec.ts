import { microsOf } from '@holdfast/kernel';
import { beginnings } from './beginnings';
import { type Recurrence, readRecurrence } from './recurrence';

const YEAR = 366 * 86_400_000_000;
const wall = (text: string): number => microsOf(`${text}Z`);
const read = (text: string): Recurrence => {
  const found = readRecurrence(text);
  if ('fault' in found) throw new Error(found.fault);
  return found;
};

/** The days on which it begins, `1997-09-02 04 16 10-02`: a year, a month or both are said where they change. UNTIL is told in the time of New York, as in the examples. */
function days(rule: string, start: string, years = 3): string {
  const recurrence = read(rule);
  const begin = wall(start);
  const until = recurrence.until === undefined ? Infinity : recurrence.until - 4 * 3_600e6;
  let [year, month] = ['', ''];
  return beginnings(recurrence, begin, begin, begin + years * YEAR)
    .filter((at) => at <= until)
    .map((at) => {
      const text = new Date(at / 1000).toISOString();
      expect(text.slice(11, 19)).toBe('09:00:00');
      const told = text.slice(0, 4) !== year ? text.slice(0, 10) : text.slice(5, 7) !== month ? text.slice(5, 10) : '';
      [year, month] = [text.slice(0, 4), text.slice(5, 7)];
      return told === '' ? text.slice(8, 10) : told;
    })
    .join(' ');
}

/** Examples of RFC 5545, 3.8.5.3: the rule, when it starts, the days on which it occurs; where the RFC ends with "...", as many as it says. */
test.each<[string, string, string]>([
  ['FREQ=DAILY;COUNT=10', '1997-09-02', '1997-09-02 03 04 05 06 07 08 09 10 11'],
  ['FREQ=DAILY;INTERVAL=2', '1997-09-02', '1997-09-02 04 06 08 10 12 14 16 18 20 22 24 26 28 30 10-02 04 06'],
  ['FREQ=DAILY;INTERVAL=10;COUNT=5', '1997-09-02', '1997-09-02 12 22 10-02 12'],
  ['FREQ=WEEKLY;COUNT=10', '1997-09-02', '1997-09-02 09 16 23 30 10-07 14 21 28 11-04'],
  [
    'FREQ=WEEKLY;UNTIL=19971224T000000Z',
    '1997-09-02',
    '1997-09-02 09 16 23 30 10-07 14 21 28 11-04 11 18 25 12-02 09 16 23',
  ],
  [
    'FREQ=WEEKLY;INTERVAL=2;WKST=SU',
    '1997-09-02',
    '1997-09-02 16 30 10-14 28 11-11 25 12-09 23 1998-01-06 20 02-03 17',
  ],
  ['FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH', '1997-09-02', '1997-09-02 04 09 11 16 18 23 25 30 10-02'],
  ['FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH', '1997-09-02', '1997-09-02 04 09 11 16 18 23 25 30 10-02'],
  [
    'FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR',
    '1997-09-01',
    '1997-09-01 03 05 15 17 19 29 10-01 03 13 15 17 27 29 31 11-10 12 14 24 26 28 12-08 10 12 22',
  ],
  ['FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH', '1997-09-02', '1997-09-02 04 16 18 30 10-02 14 16'],
  [
    'FREQ=MONTHLY;COUNT=10;BYDAY=1FR',
    '1997-09-05',
    '1997-09-05 10-03 11-07 12-05 1998-01-02 02-06 03-06 04-03 05-01 06-05',
  ],
  ['FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR', '1997-09-05', '1997-09-05 10-03 11-07 12-05'],
  [
    'FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU',
    '1997-09-07',
    '1997-09-07 28 11-02 30 1998-01-04 25 03-01 29 05-03 31',
  ],
  ['FREQ=MONTHLY;COUNT=6;BYDAY=-2MO', '1997-09-22', '1997-09-22 10-20 11-17 12-22 1998-01-19 02-16'],
  ['FREQ=MONTHLY;BYMONTHDAY=-3', '1997-09-28', '1997-09-28 10-29 11-28 12-29 1998-01-29 02-26'],
  ['FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15', '1997-09-02', '1997-09-02 15 10-02 15 11-02 15 12-02 15 1998-01-02 15'],
  ['FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1', '1997-09-30', '1997-09-30 10-01 31 11-01 30 12-01 31 1998-01-01 31 02-01'],
  [
    'FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15',
    '1997-09-10',
    '1997-09-10 11 12 13 14 15 1999-03-10 11 12 13',
  ],
  [
    'FREQ=MONTHLY;INTERVAL=2;BYDAY=TU',
    '1997-09-02',
    '1997-09-02 09 16 23 30 11-04 11 18 25 1998-01-06 13 20 27 03-03 10 17 24 31',
  ],
  [
    'FREQ=YEARLY;COUNT=10;BYMONTH=6,7',
    '1997-06-10',
    '1997-06-10 07-10 1998-06-10 07-10 1999-06-10 07-10 2000-06-10 07-10 2001-06-10 07-10',
  ],
  [
    'FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3',
    '1997-03-10',
    '1997-03-10 1999-01-10 02-10 03-10 2001-01-10 02-10 03-10 2003-01-10 02-10 03-10',
  ],
  [
    'FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200',
    '1997-01-01',
    '1997-01-01 04-10 07-19 2000-01-01 04-09 07-18 2003-01-01 04-10 07-19 2006-01-01',
  ],
  ['FREQ=YEARLY;BYDAY=20MO', '1997-05-19', '1997-05-19 1998-05-18 1999-05-17'],
  ['FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO', '1997-05-12', '1997-05-12 1998-05-11 1999-05-17'],
  ['FREQ=YEARLY;BYMONTH=3;BYDAY=TH', '1997-03-13', '1997-03-13 20 27 1998-03-05 12 19 26 1999-03-04 11 18 25'],
  [
    'FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8',
    '1997-06-05',
    '1997-06-05 12 19 26 07-03 10 17 24 31 08-07 14 21 28 1998-06-04 11 18 25 07-02 09 16 23 30 08-06 13 20 27 1999-06-03 10 17 24 07-01 08 15 22 29 08-05 12 19 26',
  ],
  [
    'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13',
    '1997-09-02',
    '1998-02-13 03-13 11-13 1999-08-13 2000-10-13', // with EXDATE of its start, which is no such day
  ],
  [
    'FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13',
    '1997-09-13',
    '1997-09-13 10-11 11-08 12-13 1998-01-10 02-07 03-07 04-11 05-09 06-13',
  ],
  [
    'FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8',
    '1996-11-05',
    '1996-11-05 2000-11-07 2004-11-02',
  ],
  ['FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3', '1997-09-04', '1997-09-04 10-07 11-06'],
  [
    'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2',
    '1997-09-29',
    '1997-09-29 10-30 11-27 12-30 1998-01-29 02-26 03-30',
  ],
  ['FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO', '1997-08-05', '1997-08-05 10 19 24'],
  ['FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU', '1997-08-05', '1997-08-05 17 19 31'],
  ['FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5', '2007-01-15', '2007-01-15 30 02-15 03-15 30'],
])('%s from %s', (rule, start, expected) => {
  const found = days(rule, `${start}T09:00:00`, 13);
  const isWhole = /COUNT|UNTIL/.test(rule);
  expect(isWhole ? found : found.slice(0, expected.length)).toBe(expected);
  expect(found.length > expected.length).toBe(!isWhole);
});

test.each([
  ['FREQ=DAILY;UNTIL=19971224T000000Z', '1997-09-02', 113, '1997-12-23'],
  ['FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA', '1998-01-01', 93, '2000-01-31'],
  ['FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1', '1998-01-01', 93, '2000-01-31'],
])('%s from %s are %d days up to %s', (rule, start, count, last) => {
  const found = days(rule, `${start}T09:00:00`, 5).split(' ');
  expect([found.length, found.at(-1)!.slice(-2)]).toEqual([count, last.slice(-2)]);
});

test('every 20 minutes from 9:00 to 16:40 every day', () => {
  const rule = read('FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40');
  const [from, to] = [wall('1997-09-02T09:00:00'), wall('1997-09-04T09:00:00')];
  const found = beginnings(rule, from, from, to).map((at) => new Date(at / 1000).toISOString().slice(8, 16));
  expect(found).toHaveLength(48);
  expect([found[0], found[1], found[23], found[24]]).toEqual(['02T09:00', '02T09:20', '02T16:40', '03T09:00']);
});

test('a day that a month has not is left out, and counts for nothing', () => {
  expect(days('FREQ=MONTHLY;COUNT=3', '2024-01-31T09:00:00')).toBe('2024-01-31 03-31 05-31');
  expect(days('FREQ=YEARLY;COUNT=3', '2024-02-29T09:00:00', 10)).toBe('2024-02-29 2028-02-29 2032-02-29');
});

test.each([
  ['FREQ=HOURLY;INTERVAL=3', 'FREQ must be DAILY or rarer: use BYHOUR and BYMINUTE for times of a day'],
  ['FREQ=FORTNIGHTLY', 'FREQ must be one of YEARLY, MONTHLY, WEEKLY, DAILY'],
  ['BYDAY=MO', 'FREQ must be one of YEARLY, MONTHLY, WEEKLY, DAILY'],
  ['RRULE:FREQ=DAILY', 'FREQ must be one of YEARLY, MONTHLY, WEEKLY, DAILY'],
  ['FREQ=DAILY;', 'must be NAME=value;NAME=value, without RRULE:'],
  ['FREQ=DAILY\nRRULE:FREQ=WEEKLY', 'must be NAME=value;NAME=value, without RRULE:'],
  ['FREQ=DAILY;INTERVAL=1\nEXDATE:1', 'INTERVAL must be from 1 to 1000'],
  ['FREQ=DAILY;FREQ=DAILY', 'says FREQ twice'],
  ['FREQ=DAILY;BYSECOND=1', 'BYSECOND is not known'],
  ['FREQ=DAILY;<b>=1', 'a part is not known'],
  ['FREQ=DAILY;hasOwnProperty=1', 'a part is not known'],
  ['FREQ=DAILY;INTERVAL=0', 'INTERVAL must be from 1 to 1000'],
  ['FREQ=DAILY;COUNT=0', 'COUNT must be from 1 to 5000'],
  ['FREQ=DAILY;COUNT=1e3', 'COUNT must be from 1 to 5000'],
  ['FREQ=DAILY;COUNT=2;UNTIL=20300101T000000Z', 'COUNT and UNTIL exclude each other'],
  ['FREQ=DAILY;UNTIL=20300101', 'UNTIL must be in UTC, such as 20271231T235959Z'],
  ['FREQ=DAILY;UNTIL=20300230T000000Z', 'UNTIL must be in UTC, such as 20271231T235959Z'],
  ['FREQ=MONTHLY;BYMONTHDAY=32', 'BYMONTHDAY must be different numbers from 1 to 31, or the same with -'],
  ['FREQ=MONTHLY;BYMONTHDAY=0', 'BYMONTHDAY must be different numbers from 1 to 31, or the same with -'],
  ['FREQ=DAILY;BYHOUR=24', 'BYHOUR must be different numbers from 0 to 23'],
  ['FREQ=DAILY;BYHOUR=8,8', 'BYHOUR must be different numbers from 0 to 23'],
  ['FREQ=DAILY;BYMONTH=-1', 'BYMONTH must be different numbers from 1 to 12'],
  ['FREQ=WEEKLY;BYDAY=2MO', 'BYDAY may count days only of months and years'],
  ['FREQ=MONTHLY;BYDAY=6MO', 'BYDAY must count days from 1 to 5, or from -1 to -5'],
  ['FREQ=MONTHLY;BYDAY=MON', 'BYDAY must be days such as MO or, of months and years, 3TU or -1FR'],
  ['FREQ=WEEKLY;BYDAY=MO,MO', 'BYDAY names a day twice'],
  ['FREQ=WEEKLY;BYMONTHDAY=1', 'BYMONTHDAY does not go with WEEKLY'],
  ['FREQ=MONTHLY;BYWEEKNO=1', 'BYWEEKNO goes with YEARLY alone'],
  ['FREQ=DAILY;BYYEARDAY=1', 'BYYEARDAY goes with YEARLY alone'],
  ['FREQ=YEARLY;BYWEEKNO=1', 'BYWEEKNO needs BYDAY'],
  ['FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO', 'BYDAY may not count days where BYWEEKNO is given'],
  ['FREQ=DAILY;BYSETPOS=1', 'BYSETPOS needs another part that begins with BY'],
  ['FREQ=DAILY;WKST=MONDAY', 'WKST must be one of MO, TU, WE, TH, FR, SA, SU'],
  ['FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6;BYMINUTE=0,1,2,3,4,5,6', 'more than 48 times on a day'],
])('%s is refused: %s', (text, fault) => {
  expect(readRecurrence(text)).toEqual({ fault });
});

test.each([
  'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
  'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
  'FREQ=MONTHLY;BYDAY=2TU;BYSETPOS=2',
])('%s never occurs, and that is found out', (rule) => {
  expect(days(rule, '2024-01-01T09:00:00', 200)).toBe('');
});
