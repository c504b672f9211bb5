import { BUCKET, type Bucket } from './budget';
import { evaluate, observationsFrom } from './evaluation';
import type { ObjectiveDefinition, ObjectiveState } from './objective';

const NOW = 1_800_000 * BUCKET;
const objective: ObjectiveDefinition = {
  ...{ process: 'orders', promised: { kind: 'completeness', withinSeconds: 60 }, target: 0.9 },
  ...{ period: { kind: 'rolling', days: 1 }, minimumObservations: 1, lookbackHours: 1, warnHours: 24 },
  ...{ owner: 'team', escalationPolicy: 'on-call', alertOn: ['at_risk'], enabled: true },
};
const at = (buckets: Bucket[]) => {
  const period = { from: NOW - 96 * BUCKET, to: NOW, endsAt: undefined };
  return evaluate(objective, 3, period, { buckets, newestAt: null }, NOW + 5, NOW + 1);
};
const bucket = (ago: number, good: number, total: number): Bucket => ({ at: NOW - ago * BUCKET, good, total });

describe('what findings hear', () => {
  const told = (evaluation: ReturnType<typeof at>, before?: ObjectiveState) =>
    observationsFrom('x', objective, evaluation, before).map(({ kind, standing }) => `${kind} ${standing}`);

  it('is each kind, so or over; nothing where nobody can say', () => {
    expect(told(at([]))).toEqual([]);
    expect(told(at([bucket(50, 10, 10)]))).toEqual(['objective_breached gone', 'objective_at_risk gone']);
    const breached = at([bucket(50, 1, 10)]);
    expect(breached).toMatchObject({ state: 'breached', projectedAt: null });
    expect(told(breached)).toEqual(['objective_breached present', 'objective_at_risk gone']);
    const risky = at([bucket(50, 100, 100), bucket(2, 2, 10)]);
    expect(risky.state).toBe('at_risk');
    expect(told(risky, 'breached')).toEqual(['objective_breached gone', 'objective_at_risk present']);
    expect(told(risky, 'at_risk')).toEqual(['objective_breached gone', 'objective_at_risk changed']);
  });

  it('names who is told, and pages for what the document asks', () => {
    const asked = observationsFrom('x', objective, at([bucket(50, 1, 10)]), undefined).map((one) => one.asked);
    const who = { subject: 'objective/x', owner: 'team' };
    expect(asked).toEqual([
      { ...who, policy: '' },
      { ...who, policy: 'on-call' },
    ]);
  });
});
