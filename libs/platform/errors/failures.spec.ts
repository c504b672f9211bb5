import { DomainError, type ErrorDetails } from '@holdfast/kernel';
import {
  ActivityFailure,
  ApplicationFailure,
  defaultFailureConverter,
  defaultPayloadConverter,
} from '@temporalio/common';
import { fromFailure, toFailure } from './failures';

/** As it comes out of a history. */
function through(details: ErrorDetails): DomainError | undefined {
  const failure = toFailure(new DomainError('conflict', 'window_overlaps', 'shares time', details));
  const kept = defaultFailureConverter.errorToFailure(failure, defaultPayloadConverter);
  return fromFailure(defaultFailureConverter.failureToError(kept, defaultPayloadConverter));
}

describe('a foreseen outcome that goes by way of Temporal', () => {
  it('is the same at the other end, with its details', () => {
    const details = {
      fields: [{ field: 'stages.0.id', reason: 'does not exist' }],
      extra: { currentVersion: 3, overlapping: 'orders_20261120T0800Z_20261120T0900Z', isNew: false },
      retryAfterSeconds: 1.5,
    };
    expect(through(details)).toMatchObject({
      kind: 'conflict',
      code: 'window_overlaps',
      message: 'shares time',
      details,
    });
    expect(through({})!.details).toEqual({});
  });

  it('leaves behind what people may have written', () => {
    const extra = { reason: 'Mrs Miller called', rows: [{ key: 'ORD-1' }], nested: { key: 'ORD-1' }, count: 1 };
    const fields = [{ field: 'a text of theirs', reason: 'is unknown' }];
    expect(through({ extra, fields })!.details).toEqual({ extra: { count: 1 } });
  });

  it('is found below what Temporal wraps around it, and may come from a workflow without details', () => {
    const cause = ApplicationFailure.create({ type: 'no_gaps', message: 'none', details: ['conflict'] });
    const wrapped = new ActivityFailure('failed', 'judge', '1', 'NON_RETRYABLE_FAILURE', 'worker', cause);
    expect(fromFailure(wrapped)).toMatchObject({ kind: 'conflict', code: 'no_gaps', details: {} });
    expect(fromFailure(new Error('fault'))).toBeUndefined();
  });
});
