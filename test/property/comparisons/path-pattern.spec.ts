import * as fc from 'fast-check';
import { plainNumber, decimalOf } from '@holdfast/domains/comparisons/core/decimal';
import { matchesPattern } from '@holdfast/domains/comparisons/core/path-pattern';

/** The same by a regular expression, which takes exponential time where the walk does not. No name is empty. */
function expected(pattern: string, path: string): boolean {
  const parts = pattern.split('/').map((part) =>
    part === '**'
      ? '(?:[^/]*(?:/|$))*'
      : `(?=[^/])${part
          .replace(/[.+^${}()|[\]\\]/g, '\\$&')
          .replaceAll('*', '[^/]*')
          .replaceAll('?', '[^/]')}(?:/|$)`,
  );
  return new RegExp(`^${parts.join('')}$`).test(`${path}/`.replace(/\/$/, ''));
}

const segment = (letters: string) =>
  fc.string({ unit: fc.constantFrom(...Array.from(letters)), minLength: 1, maxLength: 4 });
const joined = (part: fc.Arbitrary<string>) =>
  fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

describe('a pattern of paths', () => {
  it.each([
    ['*.yaml', 'a.yaml', true],
    ['*.yaml', 'a/b.yaml', false],
    ['**/*.yaml', 'b.yaml', true],
    ['**/*.yaml', 'a/b/c.yaml', true],
    ['a/**', 'a/b/c', true],
    ['a/**/z', 'a/z', true],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['*', '', true],
    ['a', 'ab', false],
  ])('%s takes %s: %s', (pattern, path, takes) => expect(matchesPattern(pattern, path)).toBe(takes));

  it('takes what the regular expression takes', () => {
    const pattern = joined(fc.oneof({ weight: 3, arbitrary: segment('ab*?') }, fc.constant('**')));
    fc.assert(
      fc.property(
        pattern.filter((one) => !one.endsWith('**') || one === '**'),
        joined(segment('abc')),
        (one, path) => {
          expect([one, path, matchesPattern(one, path)]).toEqual([one, path, expected(one, path)]);
        },
      ),
    );
  });

  it('takes no time that grows with its stars', () => {
    expect(matchesPattern(`${'*a'.repeat(200)}b`, 'a'.repeat(5_000))).toBe(false);
  });
});

describe('the plain text of a number', () => {
  it('is the same number, and one text for all ways to write it', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.integer({ min: -40, max: 40 }), (digits, power) => {
        const plain = plainNumber(`${digits}e${power}`)!;
        expect(decimalOf(plain)).toEqual(decimalOf(`${digits}e${power}`));
        expect(plain).toMatch(/^(0|-?(0|[1-9]\d*)(\.\d*[1-9])?)$/);
        expect(plainNumber(`${digits}0e${power - 1}`)).toBe(plain);
      }),
    );
  });

  it('is none where there is no number', () => {
    for (const text of ['', '-', 'abc', '1e', '0x1']) expect(plainNumber(text)).toBeUndefined();
    expect([plainNumber('-0.00'), plainNumber('1.500'), plainNumber('-.05'), plainNumber('1e3')]).toEqual([
      '0',
      '1.5',
      '-0.05',
      '1000',
    ]);
  });
});
