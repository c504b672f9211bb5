import { dayOf } from '@holdfast/domains/retention/core/period';
import type { NamedPolicy, RetentionPolicyDefinition } from '@holdfast/domains/retention/core/policy';
import { mustBeKept } from './archive-expiry';

const archive = { class: 'standard', period: '201901', firstProcess: 'billing', lastProcess: 'orders' };
const on = (date: string): number => dayOf(Date.parse(`${date}T00:00:00Z`) * 1000);
const named = (policy: Partial<RetentionPolicyDefinition>): NamedPolicy[] => [
  {
    ...{ id: 'p', version: 1 },
    policy: { match: {}, tiers: { archive: '10y' }, action: 'delete', explicit: true, enabled: true, ...policy },
  },
];

describe('an archive whose time is over', () => {
  it('is kept while a policy of today may want its records for longer, to the day', () => {
    expect(mustBeKept(archive, [], on('2026-02-01'))).toBe(false);
    expect(mustBeKept(archive, named({}), on('2029-01-31'))).toBe(true);
    expect(mustBeKept(archive, named({}), on('2029-02-01'))).toBe(false);
  });

  it('is kept for a statutory minimum, for ever, and for what begins with an event', () => {
    const statute = { minimum: '12y', source: 'law' };
    expect(mustBeKept(archive, named({ tiers: { archive: '1y' }, statute }), on('2030-01-01'))).toBe(true);
    expect(mustBeKept(archive, named({ tiers: { archive: 'forever' }, action: 'retain' }), on('2090-01-01'))).toBe(
      true,
    );
    expect(mustBeKept(archive, named({ startsOn: { type: 'closed' } }), on('2090-01-01'))).toBe(true);
  });

  it('is not kept for what cannot be in it', () => {
    const day = on('2026-02-01');
    expect(mustBeKept(archive, named({ match: { processes: ['shipping', 'a'] } }), day)).toBe(false);
    expect(mustBeKept(archive, named({ match: { processes: ['invoices'] } }), day)).toBe(true);
    expect(mustBeKept(archive, named({ match: { classes: ['financial'] } }), day)).toBe(false);
    expect(mustBeKept({ ...archive, class: 'test' }, named({}), day)).toBe(false);
    expect(mustBeKept(archive, named({ enabled: false }), day)).toBe(false);
  });
});
