import { CLOSED_FOLLOWED_FOR, Damper, howFollowed, runsOf, type Followed } from './follow-up';

const HOUR = 3_600_000_000;
const SECOND = 1_000_000;
const matched: Followed = {
  reconciliation: 'p_20261120T0000Z_20261121T0000Z',
  revision: 1,
  state: 'matched',
  fingerprint: 'a',
  judgedAt: 100 * HOUR,
  cancelled: false,
  deadline: 90 * HOUR,
};

describe('a window', () => {
  it('with gaps is followed for ever, a cancelled one not at all', () => {
    expect(howFollowed({ ...matched, state: 'gaps' }, 1e6 * HOUR)).toBe('open');
    expect(howFollowed({ ...matched, state: 'gaps', cancelled: true }, 101 * HOUR)).toBe('not');
    expect(howFollowed({ ...matched, cancelled: true }, 101 * HOUR)).toBe('not');
  });

  it.each(['matched', 'healed', 'accepted'] as const)('that is %s is followed for seven days', (state) => {
    const one = { ...matched, state };
    expect(howFollowed(one, one.judgedAt)).toBe('closed');
    expect(howFollowed(one, one.judgedAt + CLOSED_FOLLOWED_FOR - 1)).toBe('closed');
    expect(howFollowed(one, one.judgedAt + CLOSED_FOLLOWED_FOR)).toBe('not');
  });

  it('that was closed before its grace is over waits for what is on the way', () => {
    const one = { ...matched, deadline: 102 * HOUR };
    expect(howFollowed(one, 101 * HOUR)).toBe('not');
    expect(howFollowed(one, 102 * HOUR)).toBe('closed');
    expect(howFollowed(one, 102 * HOUR + CLOSED_FOLLOWED_FOR)).toBe('not');
  });
});

describe('windows', () => {
  it('are read in runs of one process without wide gaps', () => {
    const at = (process: string, from: number) => ({ process, from: from * HOUR, to: (from + 1) * HOUR });
    const runs = runsOf([at('b', 1), at('a', 3), at('a', 1), at('a', 27), at('a', 100)]);
    expect(runs.map((run) => run.map(({ process, from }) => `${process}${from / HOUR}`))).toEqual([
      ['a1', 'a3', 'a27'],
      ['a100'],
      ['b1'],
    ]);
    const many = Array.from({ length: 1_001 }, (_, index) => at('a', index));
    expect(runsOf(many).map((run) => run.length)).toEqual([500, 500, 1]);
  });
});

describe('signals', () => {
  it('tell the same once, and others of the same revision after pauses that double', () => {
    const damper = new Damper(10);
    const told: number[] = [];
    for (let now = 0; now < 40 * SECOND; now += SECOND)
      if (damper.mayTell('w', 1, `f${now}`, now)) {
        damper.tell('w', 1, `f${now}`, now);
        told.push(now / SECOND);
        expect(damper.mayTell('w', 1, `f${now}`, now + 100 * HOUR)).toBe(false);
      }
    expect(told).toEqual([0, 1, 3, 7, 15, 31]);
    expect(damper.mayTell('w', 2, 'f', 40 * SECOND)).toBe(true);
    expect(damper.mayTell('other', 1, 'f0', 40 * SECOND)).toBe(true);
  });

  it('are fewer than a history takes when a window is not judged for a year', () => {
    const damper = new Damper(1);
    let told = 0;
    for (let now = 0; now < 365 * 24 * HOUR; now += 60 * SECOND)
      if (damper.mayTell('w', 1, String(now), now)) {
        damper.tell('w', 1, String(now), now);
        told += 1;
      }
    expect(told).toBeLessThan(9_000);
  });

  it('are remembered of so many windows', () => {
    const damper = new Damper(2);
    for (const window of ['a', 'b', 'c']) damper.tell(window, 1, 'f', 0);
    expect(['a', 'b', 'c'].map((window) => damper.mayTell(window, 1, 'f', 0))).toEqual([true, false, false]);
  });
});
