/** A piece of SQL text. `word` covers keywords, names and numbers; `quoted` strings, quoted names and heredocs. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'symbol';
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

const SPACE = /[\s\0]*/y;
const DIGITS = /[0-9][A-Za-z0-9_]*/y;
const WORD = /[A-Za-z_$][A-Za-z0-9_$]*/y;
const HEREDOC = /\$\w*\$/y;
const NESTING = /\/\*|\*\//g;
/** A curly quote opens a literal that ends at its counterpart and knows no escapes. */
const CURLY: Readonly<Record<string, string>> = { '\u2018': '\u2019', '\u201c': '\u201d' };

function match(pattern: RegExp, sql: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : at;
}

const after = (found: number, length: number, sql: string): number => (found < 0 ? sql.length : found + length);

function endOfBlockComment(sql: string, start: number): number {
  let depth = 0;
  NESTING.lastIndex = start;
  for (let found = NESTING.exec(sql); found; found = NESTING.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return NESTING.lastIndex;
  }
  return sql.length;
}

/** The end of the comment at `at`, or `at` when there is none. Four kinds: `--`, `//`, `#` before a space or `!`, and nesting blocks. */
function endOfComment(sql: string, at: number): number {
  const [first, second] = [sql[at], sql[at + 1]];
  if (first === '/' && second === '*') return endOfBlockComment(sql, at);
  const isLine = (first === '-' || first === '/') && second === first;
  if (isLine || (first === '#' && (second === ' ' || second === '!'))) return after(sql.indexOf('\n', at), 1, sql);
  return at;
}

function endOfQuoted(sql: string, start: number): number {
  const quote = sql[start];
  for (let at = start + 1; at < sql.length; at++) {
    const character = sql[at];
    if (character === '\\') at++;
    else if (character === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at++;
    }
  }
  return sql.length;
}

/** A `$tag$` opens a heredoc only when the same tag comes again; otherwise the dollar belongs to a word. */
function endOfHeredoc(sql: string, start: number): number {
  const opened = match(HEREDOC, sql, start);
  if (opened === start) return start;
  const tag = sql.slice(start, opened);
  const closed = sql.indexOf(tag, opened);
  return closed < 0 ? start : closed + tag.length;
}

function tokenAt(sql: string, start: number): Token {
  const first = sql[start]!;
  if (first === "'" || first === '"' || first === '`') return { kind: 'quoted', start, end: endOfQuoted(sql, start) };
  const closing = CURLY[first];
  if (closing) return { kind: 'quoted', start, end: after(sql.indexOf(closing, start), 1, sql) };
  const heredoc = first === '$' ? endOfHeredoc(sql, start) : start;
  if (heredoc > start) return { kind: 'quoted', start, end: heredoc };
  // A number takes no dollar, a name does: `1$a$` starts a heredoc, `a$a$` is one name.
  const word = match(first >= '0' && first <= '9' ? DIGITS : WORD, sql, start);
  return word > start ? { kind: 'word', start, end: word } : { kind: 'symbol', start, end: start + 1 };
}

/**
 * Cuts SQL text into tokens by the rules of ClickHouse's own lexer, without comments and space. Whatever is left open (a
 * string, a comment) reaches to the end: the engine refuses such text anyway.
 */
export function* tokens(sql: string, from = 0): Generator<Token, void> {
  let at = from;
  while ((at = match(SPACE, sql, at)) < sql.length) {
    const comment = endOfComment(sql, at);
    if (comment > at) {
      at = comment;
      continue;
    }
    const token = tokenAt(sql, at);
    yield token;
    at = token.end;
  }
}
