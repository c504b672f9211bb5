import { tokens } from '@holdfast/platform/sql/tokens';

/** A token of a statement, with what it can stand for. */
export interface Word {
  /** In upper case for words and symbols; empty for quoted text, which is never a keyword. */
  readonly keyword: string;
  /** The name that it may be: a word, or a quoted identifier without its quotes. Undefined for symbols and string literals. */
  readonly name: string | undefined;
  /** How many brackets it stands in; brackets themselves stand outside. */
  readonly depth: number;
  readonly start: number;
  readonly end: number;
}

/** A statement's words in order. Comments are not among them. */
export function wordsOf(sql: string): Word[] {
  const words: Word[] = [];
  let depth = 0;
  for (const { kind, start, end } of tokens(sql)) {
    const text = sql.slice(start, end);
    if (kind === 'symbol' && ')]}'.includes(text)) depth = Math.max(0, depth - 1);
    words.push({ keyword: kind === 'quoted' ? '' : text.toUpperCase(), name: nameIn(kind, text), depth, start, end });
    if (kind === 'symbol' && '([{'.includes(text)) depth++;
  }
  return words;
}

function nameIn(kind: string, text: string): string | undefined {
  if (kind === 'word') return text;
  if (kind !== 'quoted' || !'`"'.includes(text[0]!)) return undefined;
  const quote = text[0]!;
  return text
    .slice(1, -1)
    .replaceAll(quote + quote, quote)
    .replaceAll(/\\(.)/g, '$1');
}

/** Whether these keywords follow one another from `at`. */
export const follows = (words: readonly Word[], at: number, ...keywords: string[]): boolean =>
  keywords.every((keyword, offset) => words[at + offset]?.keyword === keyword);

/** The first place of these keywords outside all brackets, or -1. */
export const findOuter = (words: readonly Word[], ...keywords: string[]): number =>
  words.findIndex(({ depth }, at) => depth === 0 && follows(words, at, ...keywords));

/** The text with the database of every `database.name` replaced. */
export function withDatabase(sql: string, from: string, to: string): string {
  const words = wordsOf(sql);
  let [text, at] = ['', 0];
  for (const [index, { name, start, end }] of words.entries()) {
    if (name !== from || words[index + 1]?.keyword !== '.' || words[index - 1]?.keyword === '.') continue;
    text += sql.slice(at, start) + to;
    at = end;
  }
  return text + sql.slice(at);
}
