/**
 * Whether a path matches a pattern: `*` any characters within a name, `?` one of them, `**` any number of folders. Both walks go back to the last star only, so
 * that no pattern takes more than the product of both lengths.
 */
export const matchesPattern = (pattern: string, path: string): boolean =>
  walk(pattern.split('/'), path.split('/'), '**', (part, name) =>
    walk(Array.from(part), Array.from(name), '*', sameCharacter),
  );

const sameCharacter = (a: string, b: string): boolean => a === '?' || a === b;

function walk(
  pattern: readonly string[],
  items: readonly string[],
  star: string,
  same: (a: string, b: string) => boolean,
): boolean {
  let [at, item, lastStar, taken] = [0, 0, -1, 0];
  while (item < items.length) {
    if (pattern[at] === star) {
      [lastStar, taken] = [at, item];
      at++;
    } else if (at < pattern.length && same(pattern[at]!, items[item]!)) {
      at++;
      item++;
    } else if (lastStar >= 0) {
      at = lastStar + 1;
      item = ++taken;
    } else return false;
  }
  while (pattern[at] === star) at++;
  return at === pattern.length;
}
