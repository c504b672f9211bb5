import * as fc from 'fast-check';
import { CLAIM_MICROS, standing, type ClaimRow } from './idempotency-claims';

const row = (claim: string, state: ClaimRow['state'], at = 0, rest: Partial<ClaimRow> = {}): ClaimRow => ({
  claim,
  state,
  request_hash: 'r',
  status: 201,
  answer: '{}',
  at,
  ...rest,
});

describe('where a call with an Idempotency-Key stands', () => {
  it('is its own when nobody else has the key', () => {
    expect(standing([row('me', 'claimed')], 'me', 'r', 1)).toEqual({ is: 'ours' });
    const gaveUp = [row('a', 'claimed'), row('a', 'released'), row('me', 'claimed')];
    expect(standing(gaveUp, 'me', 'r', 1)).toEqual({ is: 'ours' });
  });

  it('is the answer, once there is one', () => {
    const rows = [row('a', 'claimed'), row('a', 'answered'), row('me', 'claimed')];
    expect(standing(rows, 'me', 'r', 1)).toEqual({ is: 'answered', status: 201, answer: '{}' });
    expect(standing(rows, 'me', 'other', 1)).toEqual({ is: 'other_request' });
  });

  it('is in use until a call that never answered is given up for lost', () => {
    const rows = [row('a', 'claimed', 5), row('me', 'claimed', 9)];
    expect(standing(rows, 'me', 'r', 10)).toEqual({ is: 'in_use', untilMicros: 5 + CLAIM_MICROS });
    expect(standing(rows, 'me', 'other', 10)).toEqual({ is: 'other_request' });
    expect(standing(rows, 'me', 'r', 5 + CLAIM_MICROS)).toEqual({ is: 'ours' });
  });

  it('is in use for as long as the first call renews its claim', () => {
    const rows = [row('a', 'claimed', 5), row('a', 'claimed', 5 + CLAIM_MICROS), row('me', 'claimed', 9)];
    expect(standing(rows, 'me', 'r', 10 + CLAIM_MICROS)).toEqual({ is: 'in_use', untilMicros: 5 + 2 * CLAIM_MICROS });
  });

  it('never lets two go on, in whatever order they claim, look and give up', () => {
    const order = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 8, maxLength: 40 });
    fc.assert(
      fc.property(order, (turns) => {
        const rows: ClaimRow[] = [];
        const calls = new Map<number, number>();
        const next = new Map<number, 'claim' | 'look' | 'give up' | 'answer'>();
        let carriedOut = 0;
        for (const who of turns) {
          const claim = `${who}.${calls.get(who) ?? 0}`;
          const step = next.get(who) ?? 'claim';
          if (step === 'claim') {
            rows.push(row(claim, 'claimed'));
            next.set(who, 'look');
          } else if (step === 'look') {
            const goesOn = standing(rows, claim, 'r', 1).is === 'ours';
            if (goesOn) carriedOut++;
            next.set(who, goesOn ? 'answer' : 'give up');
          } else {
            rows.push(row(claim, step === 'answer' ? 'answered' : 'released'));
            next.set(who, 'claim'); // and calls again
            calls.set(who, (calls.get(who) ?? 0) + 1);
          }
        }
        expect(carriedOut).toBeLessThanOrEqual(1);
      }),
      { numRuns: 2000 },
    );
  });
});
