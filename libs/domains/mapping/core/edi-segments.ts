/** What separates the parts of an EDI body. Empty where a standard has none. */
export interface Separators {
  readonly segment: string;
  readonly element: string;
  readonly component: string;
  readonly repetition: string;
  /** Takes its meaning from the character behind it. */
  readonly release: string;
}

/** A segment, by its elements: 0 is the tag. An element is a list of components; of one that is repeated, the first. */
export type Segment = readonly (readonly string[])[];

export const tagOf = (segment: Segment): string => segment[0]?.[0] ?? '';
export const elementOf = (segment: Segment, element: number, component = 1): string =>
  segment[element]?.[component - 1] ?? '';

/** Elements and components of one segment's text. */
export function parseSegment(text: string, separators: Separators): Segment {
  const { element, component, repetition, release } = separators;
  return split(text, element, release).map((one, index) => {
    if (index === 0) return [one];
    const [first = ''] = repetition === '' ? [one] : split(one, repetition, release);
    return split(first, component, release).map((part) => released(part, release));
  });
}

function split(text: string, separator: string, release: string): string[] {
  if (release === '' || !text.includes(release)) return text.split(separator);
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === release) i++;
    else if (text[i] === separator) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)];
}

function released(text: string, release: string): string {
  if (release === '' || !text.includes(release)) return text;
  let plain = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === release) i++;
    plain += text[i] ?? '';
  }
  return plain;
}

/** Where a segment ends; -1 when its terminator is not there yet. @param at where to look on from */
export function segmentEnd(text: string, from: number, at: number, { segment, release }: Separators): number {
  let end = text.indexOf(segment, at);
  while (end >= 0 && release !== '' && isReleased(text, end, from, release)) end = text.indexOf(segment, end + 1);
  return end;
}

function isReleased(text: string, at: number, from: number, release: string): boolean {
  let before = at - 1;
  while (before >= from && text[before] === release) before--;
  return (at - 1 - before) % 2 === 1;
}
