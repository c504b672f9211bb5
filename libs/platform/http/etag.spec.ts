import { etagOf, notModified, readExpectation } from './etag';

describe('conditional headers', () => {
  it.each([
    [{ 'if-match': '"3"' }, { version: 3 }],
    [{ 'if-match': '*' }, 'any'],
    [{ 'if-none-match': '*' }, 'none'],
    [{}, undefined],
  ])('%p is read', (headers, expected) => {
    expect(readExpectation(headers)).toEqual(expected);
  });

  it.each([
    { 'if-match': '3' },
    { 'if-match': 'W/"3"' },
    { 'if-match': '"3", "4"' },
    { 'if-match': '"0"' },
    { 'if-match': '"03"' },
    { 'if-match': '"-1"' },
    { 'if-match': '"1e3"' },
    { 'if-match': '"9999999999999999"' },
    { 'if-match': '' },
    { 'if-match': ['"3"', '"4"'] },
    { 'if-none-match': '"3"' },
    { 'if-match': '"3"', 'if-none-match': '*' },
  ])('%p is malformed', (headers) => {
    expect(() => readExpectation(headers)).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'invalid_precondition' }),
    );
  });

  it('say whether a reader has this version already', () => {
    expect(notModified({ 'if-none-match': etagOf(4) }, 4)).toBe(true);
    expect(notModified({ 'if-none-match': etagOf(4) }, 5)).toBe(false);
    expect(notModified({ 'if-none-match': '*' }, 5)).toBe(true);
    expect(notModified({ 'if-none-match': 'W/"4", W/"5"' }, 5)).toBe(true);
    expect(notModified({ 'if-none-match': 'nonsense' }, 5)).toBe(false);
    expect(notModified({}, 5)).toBe(false);
  });
});
