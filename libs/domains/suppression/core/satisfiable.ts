import { admits, type Matcher } from './matcher';

/** Labels of which all values are known. */
const CLOSED: Readonly<Record<string, readonly string[]>> = { severity: ['critical', 'error', 'warning', 'info'] };
/** A pattern that is a choice of plain texts: `critical|error`. */
const CHOICE = /^[\w :@/-]+(?:\|[\w :@/-]+)*$/;

/** Whether an alert could have labels that are all of this. Where patterns cannot be told apart, it could: a cycle that is not there may be seen, one that is there is not missed. */
export function satisfiable(matchers: readonly Matcher[]): boolean {
  const labels = new Set(matchers.map(({ label }) => label));
  return [...labels].every((label) => {
    const own = matchers.filter((one) => one.label === label);
    const values = valuesOf(label, own);
    return values === undefined || values.some((value) => own.every((one) => admits(one, value)));
  });
}

/** The values that come into question; undefined where they cannot be listed. */
function valuesOf(label: string, matchers: readonly Matcher[]): readonly string[] | undefined {
  const exact = matchers.find(({ op }) => op === '=');
  if (exact) return [exact.value];
  const choice = matchers.find(({ op, value }) => op === '=~' && CHOICE.test(value));
  if (choice) return choice.value.split('|');
  return Object.hasOwn(CLOSED, label) ? CLOSED[label] : undefined;
}
