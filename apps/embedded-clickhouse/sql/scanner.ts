import { exception } from '../engine/exception';
import { tokens, type Token } from '@holdfast/platform/sql/tokens';

/** A statement's words outside brackets, and where it ends. */
export interface ScannedStatement {
  readonly sql: string;
  /** Tokens that stand outside all brackets, brackets themselves included. */
  readonly outer: readonly Token[];
  /** Where the statement ends: at its data, at a closing semicolon, or with the text. */
  readonly end: number;
  /** Where the rows of an INSERT begin, directly after VALUES or the format's name. */
  readonly dataStart: number | undefined;
  /** Whether SELECT appears anywhere, in brackets too. */
  readonly hasSelect: boolean;
  /** Where an INSERT .. SELECT reads its rows: the call of the table function `input`. */
  readonly input: InputCall | undefined;
}

/** `input('structure')` in characters of the statement: where it begins, where its bracket opens, and where it closes. */
export interface InputCall {
  readonly start: number;
  readonly open: number;
  readonly close: number;
}

const OPENING = '([{';
const CLOSING = ')]}';
/** What may stand before a table of the name `values` or `format`. */
const BEFORE_NAME = new Set(['INTO', 'TABLE', 'FUNCTION', '.', 'INSERT']);

/** A token's text in upper case when it is a word or a symbol; quoted text never equals a keyword. */
export const keywordOf = (sql: string, token: Token | undefined): string =>
  !token || token.kind === 'quoted' ? '' : sql.slice(token.start, token.end).toUpperCase();

function secondStatement(at: number): Error {
  return exception('SYNTAX_ERROR', `Syntax error (Multi-statements are not allowed): failed at position ${at + 1}.`);
}

/** Whether the last of the outer tokens is the name in a FORMAT clause, and not in the name of a table. */
export const endsInFormat = (sql: string, outer: readonly Token[]): boolean =>
  keywordOf(sql, outer.at(-2)) === 'FORMAT' &&
  outer.at(-1)?.kind === 'word' &&
  !BEFORE_NAME.has(keywordOf(sql, outer.at(-3)));

/** Whether rows of an INSERT start after the last of the outer tokens. */
const announcesRows = (sql: string, outer: readonly Token[]): boolean =>
  endsInFormat(sql, outer) ||
  (keywordOf(sql, outer.at(-1)) === 'VALUES' && !BEFORE_NAME.has(keywordOf(sql, outer.at(-2))));

/**
 * Reads one statement. The engine runs whatever follows a semicolon, so text after one is refused here, and here only.
 * @throws ClickHouseException SYNTAX_ERROR when a second statement follows
 */
export function scanStatement(sql: string): ScannedStatement {
  const inputs = new InputCalls(sql);
  const outer: Token[] = [];
  let depth = 0;
  let end: number | undefined;
  let isInsert = false;
  let hasSelect = false;
  for (const token of tokens(sql)) {
    const symbol = token.kind === 'symbol' ? sql[token.start]! : '';
    if (symbol === ';') {
      end ??= token.start;
      continue;
    }
    if (end !== undefined) throw secondStatement(end);
    if (symbol && CLOSING.includes(symbol)) depth = Math.max(0, depth - 1);
    if (depth === 0) outer.push(token);
    if (symbol && OPENING.includes(symbol)) depth++;
    inputs.see(token, depth);
    if (token.kind !== 'word') continue;
    if (outer.length === 1) isInsert = keywordOf(sql, token) === 'INSERT';
    hasSelect ||= keywordOf(sql, token) === 'SELECT';
    // Rows are not SQL: nothing behind this point is looked at, and the engine gets it as a file.
    const readsRows = !hasSelect || inputs.first !== undefined;
    if (isInsert && depth === 0 && readsRows && announcesRows(sql, outer)) {
      return { sql, outer, end: token.end, dataStart: token.end, hasSelect, input: inputs.first };
    }
  }
  return { sql, outer, end: end ?? sql.length, dataStart: undefined, hasSelect, input: undefined };
}

/** Finds calls of the table function `input`. */
class InputCalls {
  first: InputCall | undefined;
  private name: Token | undefined;
  private begun: { readonly start: number; readonly open: number; readonly depth: number } | undefined;

  constructor(private readonly sql: string) {}

  /** @param depth of brackets, behind the token */
  see(token: Token, depth: number): void {
    const isOpening = token.kind === 'symbol' && this.sql[token.start] === '(';
    if (isOpening && this.name) this.begun ??= { start: this.name.start, open: token.end, depth };
    else if (this.begun && depth < this.begun.depth) this.first ??= { ...this.begun, close: token.start };
    this.name = keywordOf(this.sql, token) === 'INPUT' ? token : undefined;
  }
}

/**
 * Checks the rows of an INSERT .. VALUES, which are SQL expressions. The engine reads up to a semicolon and ignores the rest.
 * @throws ClickHouseException SYNTAX_ERROR when anything follows a semicolon
 */
export function refuseTextAfterRows(sql: string, from: number): void {
  let end: number | undefined;
  for (const token of tokens(sql, from)) {
    if (token.kind === 'symbol' && sql[token.start] === ';') end ??= token.start;
    else if (end !== undefined) throw secondStatement(end);
  }
}
