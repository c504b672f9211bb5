/**
 * Why a path does not stay below the address that an operator configured; undefined where it does. The credentials of a connection are for what is below it.
 */
export function leavesItsAddress(path: string): string | undefined {
  if (/[?#\\]/.test(path)) return 'must have no ?, # or backslash';
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return 'has a % that encodes nothing';
  }
  const segments = decoded.split(/[/\\]/);
  return segments.includes('..') || segments.includes('.')
    ? 'must stay below the address of its connection'
    : undefined;
}
