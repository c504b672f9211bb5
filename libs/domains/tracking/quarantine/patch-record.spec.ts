import type { Operation } from 'rfc6902';
import { PatchError, patchRecord } from './patch-record';

const patched = (record: string | Buffer, ...patch: Operation[]): string =>
  patchRecord(Buffer.from(record as string), patch).toString();
/** Which operation was refused, and why. */
function refusal(record: string | Buffer, ...patch: Operation[]): string {
  try {
    return `made ${patched(record, ...patch)}`;
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    return `${error.operation}: ${error.message}`;
  }
}

describe('a patch of a record', () => {
  it('changes what it names and keeps the digits of the rest', () => {
    const [, digits] = /^\{"a":(\d+)e0,"c":1\}$/.exec(
      patched('{"a":12345678901234567891,"b":1}', { op: 'move', from: '/b', path: '/c' }),
    )!;
    expect(digits).toBe('12345678901234567891');
  });

  it('is refused where it does not fit, by operation and reason', () => {
    const fine: Operation = { op: 'add', path: '/x', value: 1 };
    expect(refusal('{}', fine, { op: 'remove', path: '/none' })).toMatch(/^1: names a place/);
    expect(refusal('{"a":1}', { op: 'test', path: '/a', value: 2 })).toMatch(/^0: tests for a value/);
    for (const name of ['toString', 'constructor', 'list/length', 'text/length', 'list/-'])
      expect(refusal('{"list":[1],"text":"x"}', { op: 'copy', from: `/${name}`, path: '/y' })).toMatch(/^0: names a/);
    for (const [record, path] of [
      ['"text"', '/x'],
      ['{"a":12345678901234567891}', '/a/x'],
      ['{"a":null}', '/a/x'],
    ] as const)
      expect(refusal(record, { op: 'add', path, value: 1 })).toMatch(/^0: names a/);
    expect(refusal('{}', fine, { op: 'remove', path: '' })).toBe('1: leaves no record');
    expect(refusal('{}', { op: 'add', path: '/x', value: 'x'.repeat(1_048_576) })).toMatch(
      /^0: makes the record longer/,
    );
  });

  it.each([
    ['cut short', Buffer.from('{"id":')],
    ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['of members that are named twice', Buffer.from('{"a":1,"a":2}')],
    ['nested too deeply', Buffer.from('['.repeat(65) + ']'.repeat(65))],
  ])('that is %s replaces it as a whole, and nothing less', (_kind, record) => {
    for (const part of [
      { op: 'add', path: '/a', value: 3 },
      { op: 'replace', path: '/a', value: 3 },
      { op: 'remove', path: '/a' },
      { op: 'test', path: '', value: {} },
      { op: 'copy', from: '/a', path: '' },
    ] as Operation[])
      expect(refusal(record, part)).toMatch(/^0: is for a part of a record/);
    for (const op of ['add', 'replace'] as const)
      expect(patched(record, { op, path: '', value: { a: 1 } }, { op: 'add', path: '/b', value: 2 })).toBe(
        '{"a":1,"b":2}',
      );
  });
});
