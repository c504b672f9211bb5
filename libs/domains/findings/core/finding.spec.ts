import { type Extent, observe, type Observation } from './finding';

const extent = (over: Partial<Extent> = {}): Extent => ({
  ...{ numbers: { from: 5, to: 9 }, fromAt: 100, toAt: 200, cases: 5, measures: {} },
  ...over,
});
const seen = (over: Partial<Observation> = {}): Observation => ({
  ...{ kind: 'checksum_mismatch', scope: { source: 's', process: 'p', stage: 't' }, begins: '' },
  ...{ standing: 'present', adds: false, extent: extent() },
  ...over,
});
const known = { state: 'open', extent: extent(), observedTo: 200, changedAt: 200 } as const;

describe('an observation', () => {
  it('makes a finding, unless it is over before it was seen', () => {
    expect(observe(undefined, seen(), 200)).toEqual({ step: { is: 'found', at: 200 }, extent: extent() });
    expect(observe(undefined, seen({ standing: 'gone' }), 200)).toBeUndefined();
  });

  it('changes nothing when it comes again', () => {
    expect(observe(known, seen({ adds: true }), 200)).toBeUndefined();
    expect(observe(known, seen({ standing: 'gone' }), 200)).toBeUndefined();
  });

  it('adds up, or takes the place of the one before', () => {
    const more = extent({ numbers: { from: 2, to: 6 }, fromAt: 210, toAt: 220, cases: 2 });
    expect(observe(known, seen({ extent: more, adds: true }), 300)).toEqual({
      step: undefined,
      extent: { numbers: { from: 2, to: 9 }, fromAt: 100, toAt: 220, cases: 7, measures: {} },
    });
    expect(observe(known, seen({ extent: more }), 300)?.extent).toEqual(more);
  });

  it('opens what was fixed, and only by what came after that', () => {
    const fixed = { ...known, state: 'fixed', changedAt: 250 } as const;
    expect(observe(fixed, seen(), 300)?.step).toBeUndefined();
    const after = seen({ extent: extent({ toAt: 260 }), adds: true });
    expect(observe(fixed, after, 300)).toEqual({ step: { is: 'reopened', at: 300 }, extent: after.extent });
    expect(observe(fixed, { ...after, standing: 'changed' }, 300)?.step).toBeUndefined();
  });

  it('leaves what was accepted while it lasts', () => {
    const accepted = { ...known, state: 'accepted', changedAt: 250 } as const;
    expect(observe(accepted, seen({ extent: extent({ toAt: 260 }) }), 300)?.step).toBeUndefined();
    expect(observe(accepted, seen({ standing: 'gone' }), 300)?.step).toEqual({ is: 'fixed', at: 300 });
  });

  it('opens what was accepted when more of it comes, and counts that alone', () => {
    const accepted = { ...known, state: 'accepted', changedAt: 250 } as const;
    const more = seen({ extent: extent({ toAt: 260, cases: 1 }), adds: true });
    expect(observe(accepted, more, 300)).toEqual({ step: { is: 'reopened', at: 300 }, extent: more.extent });
    const before = seen({ extent: extent({ toAt: 240 }), adds: true });
    expect(observe(accepted, before, 300)?.step).toBeUndefined();
  });

  it('counts once what opened it, when only the step of that was written before', () => {
    const reopened = { ...known, state: 'open', changedAt: 300 } as const;
    const again = seen({ extent: extent({ toAt: 260, cases: 1 }), adds: true });
    expect(observe(reopened, again, 300)).toEqual({ step: undefined, extent: again.extent });
  });

  it('closes what is gone, also what somebody triaged since', () => {
    const triaged = { ...known, state: 'triaged', changedAt: 350 } as const;
    expect(observe(triaged, seen({ standing: 'gone' }), 300)?.step).toEqual({ is: 'fixed', at: 351 });
  });
});
