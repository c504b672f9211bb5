export type Labels = Readonly<Record<string, string>>;

/** What a label has to be. A label that is not there is the same as one that is empty. */
export interface Matcher {
  readonly label: string;
  /** `=~` and `!~` take a regular expression that has to match the whole value. */
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** Whether all of them are so. */
export const matches = (matchers: readonly Matcher[], labels: Labels): boolean =>
  matchers.every((one) => admits(one, valueOf(labels, one.label)));

export const valueOf = (labels: Labels, label: string): string => (Object.hasOwn(labels, label) ? labels[label]! : '');

/** Whether a label of this value is what the matcher asks for. */
export function admits(matcher: Matcher, value: string): boolean {
  switch (matcher.op) {
    case '=':
      return value === matcher.value;
    case '!=':
      return value !== matcher.value;
    case '=~':
      return patternOf(matcher).test(value);
    case '!~':
      return !patternOf(matcher).test(value);
  }
}

/** How a pattern stands in a regular expression. */
export const anchored = (pattern: string): string => `^(?:${pattern})$`;

/** Compiled once: documents stay the same objects until they change. */
const compiled = new WeakMap<Matcher, RegExp>();

function patternOf(matcher: Matcher): RegExp {
  const known = compiled.get(matcher);
  if (known) return known;
  const made = new RegExp(anchored(matcher.value), 'u');
  compiled.set(matcher, made);
  return made;
}
