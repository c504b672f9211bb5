import { formatInstant, microsOf } from '@holdfast/kernel';
import { writeTime, type Zone } from './clock';

const ZONES: readonly Zone[] = [
  { minutes: 0, text: 'Z' },
  { minutes: 60, text: '+01:00' },
  { minutes: -480, text: '-08:00' },
  { minutes: 330, text: '+05:30' },
];

describe('writeTime', () => {
  it('writes the same instant in every zone', () => {
    for (let step = 0; step < 2_000; step++) {
      const at = microsOf('2026-11-19T22:00:00Z') + step * 66_666_661_111;
      for (const zone of ZONES) expect(microsOf(writeTime(at, zone, 6))).toBe(at);
    }
  });

  it('cuts off what the precision does not hold', () => {
    const at = microsOf('2026-11-20T23:59:59.999999Z');
    expect(writeTime(at, ZONES[0]!, 0)).toBe('2026-11-20T23:59:59Z');
    expect(writeTime(at, ZONES[1]!, 3)).toBe('2026-11-21T00:59:59.999+01:00');
    expect(formatInstant(microsOf(writeTime(at, ZONES[3]!, 6)))).toBe('2026-11-20T23:59:59.999999Z');
  });
});
