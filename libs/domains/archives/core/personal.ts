import { PERSONAL_COLUMNS } from './columns';

const NEW_LINE = 10;

/** The columns that were sealed for a subject: lengths in bytes, joined by commas, a new line, and the texts one behind the other. @throws RangeError for anything else */
export function personalColumns(told: Uint8Array): Record<(typeof PERSONAL_COLUMNS)[number], string> {
  const text = new TextDecoder();
  const body = told.indexOf(NEW_LINE) + 1;
  const lengths = text
    .decode(told.subarray(0, Math.max(0, body - 1)))
    .split(',')
    .map(Number);
  if (lengths.length !== PERSONAL_COLUMNS.length || body + lengths.reduce((a, b) => a + b, 0) !== told.length)
    throw new RangeError('not what is sealed for a subject');
  let at = body;
  const values = PERSONAL_COLUMNS.map((name, index) => {
    const value = text.decode(told.subarray(at, at + lengths[index]!));
    at += lengths[index]!;
    return [name, value];
  });
  return Object.fromEntries(values) as Record<(typeof PERSONAL_COLUMNS)[number], string>;
}
