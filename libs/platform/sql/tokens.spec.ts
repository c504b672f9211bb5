import fc from 'fast-check';
import { tokens } from './tokens';

const cut = (sql: string): string[] => [...tokens(sql)].map(({ start, end }) => sql.slice(start, end));

describe('tokens', () => {
  test.each([
    ["SELECT 'a;b', x", ['SELECT', "'a;b'", ',', 'x']],
    ["'it''s' 'a\\';b'", ["'it''s'", "'a\\';b'"]],
    ['"a"";" `b\\`;`', ['"a"";"', '`b\\`;`']],
    ["‘a'b;’ “c;”", ["‘a'b;’", '“c;”']],
    ['a -- ; \n b // ; \n c # ; \n d #! ; \n e', ['a', 'b', 'c', 'd', 'e']],
    ['a #; b', ['a', '#', ';', 'b']],
    ['a /* ; /* ; */ ; */ b', ['a', 'b']],
    ['$$;$$ $t$;$u$;$t$', ['$$;$$', '$t$;$u$;$t$']],
    ['$t$ ; $u$', ['$t$', ';', '$u$']],
    ['a$t$ ; x$t$', ['a$t$', ';', 'x$t$']],
    ['1a$t$ ; $t$', ['1a', '$t$ ; $t$']],
    ["x'41;'", ['x', "'41;'"]],
    ['{a:UInt8}', ['{', 'a', ':', 'UInt8', '}']],
    ["'open ; ", ["'open ; "]],
    ['/* open ;', []],
    ['', []],
  ])('of %p', (sql, expected) => {
    expect(cut(sql)).toEqual(expected);
  });

  const piece = fc.constantFrom(
    "'",
    '"',
    '`',
    '‘',
    '’',
    '“',
    '”',
    '--',
    '//',
    '# ',
    '/*',
    '*/',
    '$',
    '$a$',
    '\\',
    '\n',
    ' ',
    ';',
    'a',
    '1',
    "''",
    '\0',
    'é',
  );
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((pieces) => pieces.join('')),
  );

  it('come in order, one after the other, whatever the text', () => {
    fc.assert(
      fc.property(nasty, (sql) => {
        let at = 0;
        for (const { start, end } of tokens(sql)) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(end).toBeGreaterThan(start);
          at = end;
        }
        expect(at).toBeLessThanOrEqual(sql.length);
      }),
    );
  });
});
