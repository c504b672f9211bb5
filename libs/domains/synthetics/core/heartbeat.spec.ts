import * as fc from 'fast-check';
import { isSilent, type Watch, watched } from './heartbeat';

const SECOND = 1_000_000;
const START = 1_000_000 * SECOND;
const MOST = 60 * SECOND;
const terms = { everySeconds: 60, graceSeconds: 30 };
const watch = (over: Partial<Watch> = {}): Watch => ({
  ...{ round: 4, beats: 7, watchedAt: START, since: START - 10 * SECOND, silentFor: 10 * SECOND, alert: '' },
  ...over,
});
const at = (seconds: number): number => START + seconds * SECOND;

describe('silence', () => {
  it('is added up from round to round, and begins anew with a beat', () => {
    const quiet = watched(watch(), { beats: 7, lastAt: at(-10) }, at(15), MOST);
    expect(quiet).toEqual({ round: 5, beats: 7, watchedAt: at(15), since: at(-10), silentFor: 25 * SECOND });
    expect(watched(watch(), { beats: 8, lastAt: at(11) }, at(15), MOST)).toEqual({
      ...{ round: 5, beats: 8, watchedAt: at(15), since: at(11), silentFor: 4 * SECOND },
    });
  });

  it('begins with the first round for what never beat', () => {
    const first = watched(undefined, { beats: 0, lastAt: 0 }, at(0), MOST);
    expect(first).toMatchObject({ since: at(0), silentFor: 0 });
    expect(watched({ ...first, alert: '' }, { beats: 0, lastAt: 0 }, at(15), MOST)).toMatchObject({
      ...{ since: at(0), silentFor: 15 * SECOND },
    });
  });

  it('adds nothing for a round that is repeated', () => {
    const once = watched(watch(), { beats: 7, lastAt: 0 }, at(15), MOST);
    expect(watched({ ...once, alert: '' }, { beats: 7, lastAt: 0 }, at(15), MOST)).toMatchObject({
      silentFor: once.silentFor,
    });
  });

  it('is not what a clock jumps, nor the time in which nobody watched', () => {
    expect(watched(watch(), { beats: 7, lastAt: 0 }, at(7_200), MOST).silentFor).toBe(10 * SECOND + MOST);
    expect(watched(watch(), { beats: 7, lastAt: 0 }, at(-7_200), MOST).silentFor).toBe(10 * SECOND);
    // A beat by a clock that is hours ahead, or behind, is a beat.
    expect(watched(watch(), { beats: 8, lastAt: at(7_200) }, at(15), MOST).silentFor).toBe(0);
    expect(watched(watch(), { beats: 8, lastAt: at(-7_200) }, at(15), MOST).silentFor).toBe(15 * SECOND);
  });

  it('is told once it is longer than what was promised, and never while beats come, whatever the clocks do', () => {
    expect(isSilent(terms, { silentFor: 90 * SECOND })).toBe(false);
    expect(isSilent(terms, { silentFor: 90 * SECOND + 1 })).toBe(true);
    const jump = fc.integer({ min: -100_000, max: 100_000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(jump, jump), { maxLength: 50 }), (rounds) => {
        let known: Watch | undefined;
        for (const [index, [round, beat]] of rounds.entries()) {
          const now = watched(known, { beats: index + 1, lastAt: at(beat) }, at(round), MOST);
          expect(isSilent(terms, now)).toBe(false);
          known = { ...now, alert: '' };
        }
      }),
    );
  });
});
