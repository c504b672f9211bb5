import { newId } from './ids';

describe('identifiers', () => {
  it('are 22 characters of base64url, and no two are the same however many are made', () => {
    const ids = Array.from({ length: 10_000 }, newId);
    expect(ids.every((id) => /^[A-Za-z0-9_-]{22}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
