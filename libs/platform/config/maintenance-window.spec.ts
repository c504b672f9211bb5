import { isOpen, opensAt, parseMaintenanceWindow } from './maintenance-window';
import { readVariables } from './configuration';
import { migrationVariables } from './variables';

const openAt = (window: string, at: string): boolean => isOpen(parseMaintenanceWindow(window), Date.parse(at));
const opens = (window: string, at: string): string =>
  new Date(opensAt(parseMaintenanceWindow(window), Date.parse(at))).toISOString();

describe('a maintenance window', () => {
  test.each([
    // Summer time in Berlin: UTC+2. 5 July 2026 is a Sunday.
    ['Sun 02:00-04:00 Europe/Berlin', '2026-07-04T23:59:59Z', false],
    ['Sun 02:00-04:00 Europe/Berlin', '2026-07-05T00:00:00Z', true],
    ['Sun 02:00-04:00 Europe/Berlin', '2026-07-05T01:59:59Z', true],
    ['Sun 02:00-04:00 Europe/Berlin', '2026-07-05T02:00:00Z', false],
    ['Sun 02:00-04:00 Europe/Berlin', '2026-07-06T00:30:00Z', false],
    // Over midnight, it belongs to the day on which it begins.
    ['Sat 23:00-01:00 UTC', '2026-07-04T23:30:00Z', true],
    ['Sat 23:00-01:00 UTC', '2026-07-05T00:59:00Z', true],
    ['Sat 23:00-01:00 UTC', '2026-07-05T23:30:00Z', false],
    ['Sat 23:00-01:00 UTC', '2026-07-04T00:30:00Z', false],
    ['mon-fri 01:00-02:00 UTC', '2026-07-10T01:30:00Z', true],
    ['mon-fri 01:00-02:00 UTC', '2026-07-11T01:30:00Z', false],
    ['Fri-Mon 01:00-02:00 UTC', '2026-07-12T01:30:00Z', true],
    ['Fri-Mon 01:00-02:00 UTC', '2026-07-14T01:30:00Z', false],
    ['Sat,Sun 01:00-02:00 UTC', '2026-07-11T01:30:00Z', true],
    ['daily 01:00-02:00 UTC', '2026-07-14T01:00:00Z', true],
  ])('%s at %s: %s', (window, at, expected) => {
    expect(openAt(window, at)).toBe(expected);
  });

  test.each([
    ['Sun 02:00-04:00 Europe/Berlin', '2026-07-04T12:00:30Z', '2026-07-05T00:00:00.000Z'],
    ['Sun 02:00-04:00 Europe/Berlin', '2026-07-05T01:00:30Z', '2026-07-05T01:00:30.000Z'],
    ['Sun 02:00-04:00 Europe/Berlin', '2026-07-05T02:00:00Z', '2026-07-12T00:00:00.000Z'],
    // Clocks skip from 02:00 to 03:00 on 29 March 2026: what is left of the window begins at 03:00, which is 01:00 UTC.
    ['Sun 02:00-04:00 Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-29T01:00:00.000Z'],
    ['Sun 02:00-03:00 Europe/Berlin', '2026-03-28T12:00:00Z', '2026-04-05T00:00:00.000Z'],
  ])('%s after %s opens at %s', (window, at, expected) => {
    expect(opens(window, at)).toBe(expected);
  });

  test.each([
    ['', 'must be like'],
    ['Sun 2:00-4:00 Europe/Berlin', 'must be like'],
    ['Sun 02:00-04:00', 'must be like'],
    ['Sun 24:00-25:00 UTC', 'from 00:00 to 23:59'],
    ['Sun 02:00-02:00 UTC', 'must not end when it begins'],
    ['Someday 02:00-04:00 UTC', 'must name days'],
    ['Mon-Wed-Fri 02:00-04:00 UTC', 'must name days'],
    ['Sun, 02:00-04:00 UTC', 'must name days'],
    ['Sun 02:00-04:00 Europe/Canary', 'must name a time zone'],
    ['Sun 02:00-04:00 +02:00', 'must name a time zone'],
  ])('%p is refused', (text, reason) => {
    expect(() => parseMaintenanceWindow(text)).toThrow(reason);
  });

  it('that is wrong is named by its variable, and not repeated', () => {
    const wrong = { HOLDFAST_MAINTENANCE_WINDOW: 'canary' };
    expect(() => readVariables(migrationVariables, wrong)).toThrow('HOLDFAST_MAINTENANCE_WINDOW: must be like');
    expect(() => readVariables(migrationVariables, wrong)).not.toThrow('canary');
  });
});
