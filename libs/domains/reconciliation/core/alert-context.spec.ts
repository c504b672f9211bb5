import type { Process } from '@holdfast/domains/catalog/core/process';
import { contextOf } from './alert-context';
import type { Cause } from './causes';
import type { Revision } from './revision';
import type { Window } from './window';

const window = { process: 'order-flow', from: 0, to: 3_600_000_000 } as Window;
const revision = { open: 2, kinds: { missing: 2 } } as unknown as Revision;
const process = { fields: [{ name: 'customer.email' }] } as unknown as Process;

const causeNamed = (name: string): Cause => ({
  ...{ stage: 'erp', name, value: '"somebody@example.org"', keys: 2, otherKeys: 0, share: 1, otherShare: 0 },
});
const topCause = (name: string): string | undefined =>
  contextOf(window, process, revision, [], [causeNamed(name)], []).topCause;

describe('the cause that a page names', () => {
  it.each([
    ['source', 'source at erp: 100% of these, 0% of the others'],
    ['data.customer', 'data.customer at erp: 100% of these, 0% of the others'],
    ['data.custom', 'a field of the data at erp: 100% of these, 0% of the others'],
    ['data.anything else', 'a field of the data at erp: 100% of these, 0% of the others'],
  ])('%s: %s', (name, told) => {
    expect(topCause(name)).toBe(told);
  });

  it('never says its value', () => {
    expect(JSON.stringify(contextOf(window, process, revision, [], [causeNamed('type')], []))).not.toContain(
      'somebody',
    );
  });
});
