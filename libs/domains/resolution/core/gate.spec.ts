import { type AgainstProcess, type GateDefinition, GateTally, type GateWindow, isOpen, NAMED } from './gate';

const HOUR = 3_600_000_000;
const DAY = { from: 0, to: 24 * HOUR };
const window = (from: number, to: number, more: Partial<GateWindow> = {}): GateWindow => ({
  reconciliation: `w-${from}`,
  from: from * HOUR,
  to: to * HOUR,
  state: 'decided',
  revision: 1,
  open: 0,
  ignored: 0,
  ...more,
});
function tally(...windows: GateWindow[]): AgainstProcess {
  const of = new GateTally('p', DAY);
  for (const one of windows) of.add(one);
  return of.result();
}
const GATE: GateDefinition = {
  processes: ['p'],
  period: 'day',
  zone: 'UTC',
  tolerance: { openDiscrepancies: 0, unjudgedSeconds: 0 },
  ignored: 'stands_against',
  cancelled: 'stands_against',
};
const spans = (against: AgainstProcess) => against.unjudged.first.map(({ from, to }) => [from / HOUR, to / HOUR]);

describe('what stands against a period', () => {
  it('is all of it where no window was ever opened', () => {
    expect(tally().unjudged).toEqual({ seconds: 86_400, spans: 1, first: [DAY] });
    expect(isOpen(GATE, [tally()])).toBe(false);
  });
  it('is nothing where windows cover it and agree, whatever they reach over', () => {
    const against = tally(window(-1, 3), window(3, 25));
    expect(against.unjudged.seconds).toBe(0);
    expect(isOpen(GATE, [against])).toBe(true);
  });
  it('is the time before, between and after windows', () => {
    expect(spans(tally(window(1, 2), window(4, 23)))).toEqual([
      [0, 1],
      [2, 4],
      [23, 24],
    ]);
  });
  it('is no time that overlapping windows share, or that one lies within another', () => {
    expect(spans(tally(window(0, 10), window(2, 3), window(9, 12)))).toEqual([[12, 24]]);
  });
  it.each<[string, Partial<GateWindow>, Partial<GateDefinition>, boolean]>([
    ['a window that is not judged', { state: 'undecided' }, {}, false],
    ['a window that was cancelled', { state: 'cancelled' }, {}, false],
    ['no cancelled window where those are allowed', { state: 'cancelled' }, { cancelled: 'allowed' }, true],
    ['open discrepancies', { open: 2 }, {}, false],
    [
      'no open discrepancies within tolerance',
      { open: 2 },
      { tolerance: { openDiscrepancies: 2, unjudgedSeconds: 0 } },
      true,
    ],
    [
      'open discrepancies beyond tolerance',
      { open: 2 },
      { tolerance: { openDiscrepancies: 1, unjudgedSeconds: 0 } },
      false,
    ],
    ['what is ignored for a time', { ignored: 1 }, {}, false],
    ['nothing ignored where that is allowed', { ignored: 1 }, { ignored: 'allowed' }, true],
  ])('is %s', (_, more, gate, expected) => {
    expect(isOpen({ ...GATE, ...gate }, [tally(window(0, 24, more))])).toBe(expected);
  });
  it('is within tolerance for each process, and discrepancies of all together', () => {
    const tolerance = { openDiscrepancies: 3, unjudgedSeconds: 3_600 };
    const two = tally(window(0, 23, { open: 2 }));
    expect(isOpen({ ...GATE, tolerance }, [two])).toBe(true);
    expect(isOpen({ ...GATE, tolerance }, [two, two])).toBe(false);
  });
  it('is counted whole where it is more than is named', () => {
    const many = Array.from({ length: NAMED + 5 }, (_, n) => window(n / 10, (n + 1) / 10, { open: 1 }));
    const { open } = tally(...many);
    expect([open.windows, open.discrepancies, open.first.length]).toEqual([NAMED + 5, NAMED + 5, NAMED]);
  });
});
