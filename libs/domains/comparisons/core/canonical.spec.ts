import { compareFields, fieldsOf, sameValue, type Field } from './canonical';
import type { NullPolicy, Tolerance } from './comparison';
import { jointType, type LogicalType, type TypeKind } from './logical-type';

const same = (kind: TypeKind, a: Field, b: Field, nulls: NullPolicy = 'distinct', tolerance?: Tolerance): boolean => {
  const found = sameValue({ type: { kind }, nulls, tolerance }, a, b);
  expect(sameValue({ type: { kind }, nulls, tolerance }, b, a)).toBe(found);
  return found;
};

describe('values', () => {
  it.each<[TypeKind, string, string]>([
    ['decimal', '1.50', '1.5'],
    ['decimal', '-0.0', '0'],
    ['decimal', '1e+20', '100000000000000000000'],
    ['integer', '007', '7'],
    ['float', '1e+20', '1e20'],
    ['float', '5e-324', '4.9406564584124654e-324'],
    ['boolean', 't', '1'],
    ['boolean', 'false', '0'],
    ['uuid', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['bytes', '\\x00FF', '00ff'],
    ['timestamp', '2026-01-01 00:00:00', '2026-01-01T02:00:00.000+02:00'],
    ['timestamp', '2026-01-01', '2026-01-01 00:00:00'],
    ['time', '03:04:05.100', '03:04:05.1'],
    ['json', '{"a": 1.0, "b": [true, null]}', '{"b":[true,null],"a":1}'],
    ['json', '"\\u0041"', '"A"'],
  ])('of %s are the same: %s and %s', (kind, a, b) => expect(same(kind, a, b)).toBe(true));

  it.each<[TypeKind, string, string]>([
    ['decimal', '9007199254740993', '9007199254740992'],
    ['decimal', '0.1000000000000000055', '0.1'],
    ['float', '9007199254740993000000001', '9007199254740993000000000'],
    ['float', 'nan', '0'],
    ['integer', '', '0'],
    ['text', 'a', 'A'],
    ['text', 'a', 'a '],
    ['text', '\xe9', '\xc3\xa9'],
    ['timestamp', '2026-01-01 00:00:00.000001', '2026-01-01 00:00:00'],
    ['timestamp', '2026-02-30 00:00:00', '2026-03-02 00:00:00'],
    ['timestamp', '', '1970-01-01'],
    ['json', '{"a":1}', '{"a":1,"b":null}'],
    ['json', '12345678901234567890', '12345678901234567891'],
    ['json', '{"a":1', '{"a": 1'],
    ['boolean', 'yes', '1'],
  ])('of %s differ: %s and %s', (kind, a, b) => expect(same(kind, a, b)).toBe(false));

  it('are NULL by policy', () => {
    const truth = (['distinct', 'empty_is_null', 'never_equal'] as const).map((nulls) => [
      same('text', null, null, nulls),
      same('text', null, '', nulls),
      same('text', null, 'a', nulls),
      same('text', '', '', nulls),
    ]);
    expect(truth).toEqual([
      [true, false, false, true],
      [true, true, false, true],
      [false, false, false, true],
    ]);
  });

  it('may differ within a tolerance, and not by more', () => {
    expect(same('decimal', '1.10', '1.20', 'distinct', { absolute: 0.1 })).toBe(true);
    expect(same('decimal', '1.10', '1.21', 'distinct', { absolute: 0.1 })).toBe(false);
    expect(same('integer', '100', '101', 'distinct', { relative: 0.01 })).toBe(true);
    expect(same('integer', '100', '102', 'distinct', { relative: 0.01 })).toBe(false);
    expect(same('timestamp', '2026-01-01 00:00:00', '2026-01-01 00:00:02', 'distinct', { timeMicros: 2_000_000 })).toBe(
      true,
    );
    expect(
      same('timestamp', '2026-01-01 00:00:00', '2026-01-01 00:00:02.000001', 'distinct', { timeMicros: 2_000_000 }),
    ).toBe(false);
    expect(same('text', ' \xc3\x89a', '\xc3\xa9A ', 'distinct', { ignoreCase: true, trim: true })).toBe(true);
    expect(same('text', ' a', 'A', 'distinct', { ignoreCase: true })).toBe(false);
    expect(same('text', '\xe9', '\xc9', 'distinct', { ignoreCase: true })).toBe(false); // no UTF-8
    expect(same('text', '1', '1.0', 'distinct', { absolute: 1 })).toBe(false);
  });
});

describe('a line', () => {
  it('has its fields back, however much its store escapes', () =>
    expect(fieldsOf("a\\tb\t\\N\t\\\\N\tit\\'s\t\\n\\r\\b\\f\\v\\0")).toEqual([
      'a\tb',
      null,
      '\\N',
      "it's",
      '\n\r\b\f\v\0',
    ]));
});

describe('keys', () => {
  it('are in the order of numbers, or of bytes, with NULL first', () => {
    const sorted = (kind: TypeKind, values: readonly Field[]): Field[] =>
      [...values].sort((a, b) => compareFields({ kind }, a, b));
    expect(sorted('integer', ['10', '9', '-10', '-9', null, '18446744073709551615', '0'])).toEqual([
      null,
      '-10',
      '-9',
      '0',
      '9',
      '10',
      '18446744073709551615',
    ]);
    expect(sorted('decimal', ['1.5', '1.25', '-1.5', '0.10', '100'])).toEqual(['-1.5', '0.10', '1.25', '1.5', '100']);
    expect(sorted('text', ['b', 'B', '\xc3\xa9', 'a ', 'a', null])).toEqual([null, 'B', 'a', 'a ', 'b', '\xc3\xa9']);
  });
});

describe('types', () => {
  const joint = (a: TypeKind | LogicalType, b: TypeKind | LogicalType): LogicalType | undefined => {
    const type = (one: TypeKind | LogicalType): LogicalType => (typeof one === 'string' ? { kind: one } : one);
    const found = jointType(type(a), type(b));
    expect(jointType(type(b), type(a))).toEqual(found);
    return found;
  };

  it('meet in one that loses nothing', () => {
    expect(joint({ kind: 'decimal', scale: 2 }, { kind: 'decimal', scale: 2 })).toEqual({ kind: 'decimal', scale: 2 });
    expect(joint({ kind: 'decimal', scale: 2 }, { kind: 'decimal', scale: 4 })).toEqual({ kind: 'decimal' });
    expect(joint('integer', { kind: 'decimal', scale: 2 })).toEqual({ kind: 'decimal' });
    expect(joint('float', 'decimal')).toEqual({ kind: 'decimal' });
    expect(joint('boolean', 'integer')).toEqual({ kind: 'integer' });
    expect(joint('uuid', 'text')).toEqual({ kind: 'uuid' });
    expect(joint('untyped', 'timestamp')).toEqual({ kind: 'timestamp' });
    expect(joint({ kind: 'text', mayBeBytes: true }, 'bytes')).toEqual({ kind: 'bytes' });
  });

  it('that have nothing in common are not compared', () => {
    for (const [a, b] of [
      ['text', 'integer'],
      ['date', 'timestamp'],
      ['text', 'bytes'],
      ['boolean', 'text'],
      ['uuid', 'bytes'],
      ['time', 'timestamp'],
    ] as const)
      expect([a, b, joint(a, b)]).toEqual([a, b, undefined]);
  });
});

it('takes NaN and infinities for the same, however a store spells them', () => {
  const same = (a: string, b: string, kind: 'float' | 'decimal' = 'float'): boolean =>
    sameValue({ type: { kind }, nulls: 'distinct' }, a, b);
  expect([same('NaN', 'nan'), same('Infinity', 'inf'), same('-Infinity', '-inf'), same('+inf', '.inf')]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(same('NaN', 'nan', 'decimal')).toBe(true);
  expect([same('Infinity', '-inf'), same('nan', 'inf'), same('inf', '1e400'), same('nan', '0')]).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
