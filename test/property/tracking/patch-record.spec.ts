import * as fc from 'fast-check';
import type { Operation } from 'rfc6902';
import { PatchError, patchRecord } from '../../../libs/domains/tracking/quarantine/patch-record';

const pointer = fc
  .array(fc.constantFrom('a', 'b', '0', '-', '~0', '~1', '__proto__', 'toString', ''), { maxLength: 3 })
  .map((names) => names.map((name) => `/${name}`).join(''));
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'replace', 'test'), path: pointer, value: fc.jsonValue() }),
  fc.record({ op: fc.constant('remove'), path: pointer }),
  fc.record({ op: fc.constantFrom('move', 'copy'), from: pointer, path: pointer }),
);
const record = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
  fc.constantFrom('{"a":1,"a":2}', '{"a":', '{"a":[{"b":1e400}],"b":null}').map((text) => Buffer.from(text)),
);

describe('patches', () => {
  it('make JSON of whatever record, or say which operation does not fit; and reach no prototype', () => {
    fc.assert(
      fc.property(record, fc.array(operation, { minLength: 1, maxLength: 5 }), (bytes, patch) => {
        try {
          JSON.parse(patchRecord(bytes, patch).toString('utf8'));
        } catch (error) {
          if (!(error instanceof PatchError)) throw error;
          expect(error.operation).toBeLessThan(patch.length);
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      {
        numRuns: 2_000,
        examples: [[Buffer.from('{"toString":1}'), [{ op: 'test', path: '', value: { toString: null } }]]],
      },
    );
  });
});
