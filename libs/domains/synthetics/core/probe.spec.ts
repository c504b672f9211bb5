import { dueAt, type Look, nextLookMs, outcomeOf, type ProbePlan, sayBreak } from './probe';

const SECOND = 1_000_000;
const AT = 1_000 * SECOND;
const plan: ProbePlan = {
  version: 1,
  send: ['shop'],
  expect: [
    { stage: 'hub', withinSeconds: 60 },
    { stage: 'erp', withinSeconds: 120 },
  ],
  readableWithinSeconds: 30,
};
const sent = [{ stage: 'shop', fault: '' as const }];
const seen = (after: Record<string, number>, unmarked: string[] = []): Look => ({
  fault: '',
  seen: Object.entries(after).map(([stage, seconds]) => ({
    ...{ stage, receivedAt: AT + seconds * SECOND, marked: !unmarked.includes(stage) },
  })),
});
const broken = (look: Look, of = plan) => outcomeOf(of, AT, sent, look).broken;

describe('what a probe came to', () => {
  it('is passed when every stage saw it in time, to the microsecond, with the time that each took', () => {
    expect(outcomeOf(plan, AT, sent, seen({ shop: 1, hub: 60, erp: 120 }))).toEqual({
      broken: null,
      took: { shop: SECOND, hub: 60 * SECOND, erp: 120 * SECOND },
    });
  });

  it('names the first hop that broke, whatever is missing behind it', () => {
    expect(broken(seen({ shop: 1 }))).toEqual({ stage: 'hub', hop: 'shop -> hub', fault: 'not_passed_on' });
    expect(broken(seen({ shop: 1, hub: 2 }))).toEqual({ stage: 'erp', hop: 'hub -> erp', fault: 'not_passed_on' });
    expect(broken(seen({ shop: 1, erp: 2 }))).toMatchObject({ hop: 'shop -> hub' });
    expect(broken(seen({ shop: 1, hub: 61, erp: 62 }))).toMatchObject({ hop: 'shop -> hub', fault: 'passed_on_late' });
    expect(broken(seen({ shop: 1, hub: 2, erp: 3 }, ['erp']))).toMatchObject({ stage: 'erp', fault: 'mark_lost' });
  });

  it('tells intake, the store and reading apart', () => {
    const refused = [{ stage: 'shop', fault: 'failing' as const }];
    expect(outcomeOf(plan, AT, refused, { fault: '', seen: [] }).broken).toEqual({
      ...{ stage: 'shop', hop: 'holdfast -> shop', fault: 'intake_failing' },
    });
    expect(broken(seen({}))).toEqual({ stage: 'shop', hop: 'shop -> reader', fault: 'not_readable' });
    expect(broken(seen({ shop: 31, hub: 40, erp: 50 }))).toMatchObject({ fault: 'not_readable' });
    expect(broken({ fault: 'unreachable', seen: [] })).toMatchObject({
      ...{ hop: 'store -> reader', fault: 'reading_unreachable' },
    });
  });

  it('is said in one line', () => {
    const say = (fault: string): string => sayBreak('orders', { stage: 'hub', hop: 'shop -> hub', fault });
    expect(say('not_passed_on')).toBe('Probes of orders do not get through at shop -> hub: it is not passed on');
    expect(say('intake_failing')).toContain('intake does not take it (failing)');
    expect(say('reading_unauthorized')).toContain('cannot be read (unauthorized)');
  });
});

describe('waiting', () => {
  it('is over when the last one that has not seen it had to', () => {
    expect(dueAt(plan, AT, seen({ shop: 1, hub: 1, erp: 1 }))).toBeUndefined();
    expect(dueAt(plan, AT, seen({ shop: 1 }))).toBe(AT + 120 * SECOND);
    expect(dueAt(plan, AT, seen({ shop: 1, erp: 1 }))).toBe(AT + 60 * SECOND);
    expect(dueAt(plan, AT, seen({ hub: 1, erp: 1 }))).toBe(AT + 30 * SECOND);
    expect(dueAt(plan, AT, { fault: 'failing', seen: [] })).toBe(AT + 120 * SECOND);
  });

  it('looks often at first, rarely later, and never past what is due', () => {
    const next = (afterSeconds: number, dueSeconds: number): number =>
      nextLookMs(AT, AT + afterSeconds * SECOND, AT + dueSeconds * SECOND);
    expect([next(0, 60), next(20, 60), next(59.9, 60), next(60, 60)]).toEqual([500, 2_000, 100, 1]);
    expect(next(80_000, 86_400)).toBe(300_000);
  });
});
