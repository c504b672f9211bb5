import { exception } from '../engine/exception';
import { quoteString } from '@holdfast/platform/sql/literals';
import { endsInFormat, keywordOf, scanStatement, type ScannedStatement } from './scanner';

/** Rows come as a file: `infile` makes the statement that reads it. */
export interface InsertPlan {
  readonly kind: 'insert';
  readonly format: string;
  /** Where rows begin in the statement's text, in characters. */
  readonly dataStart: number;
  readonly infile: (path: string, compression?: string) => string;
}

/** The answer goes to a file or a pipe: `outfile` makes the statement that writes it. */
export interface ReadPlan {
  readonly kind: 'read';
  readonly format: string;
  readonly outfile: (path: string) => string;
}

/** A statement that is run as it is, with a small answer or none. `kill` is one that must get through when all slots are taken. */
export interface CommandPlan {
  readonly kind: 'command' | 'kill';
  readonly format: string;
  readonly text: string;
}

export type Plan = InsertPlan | ReadPlan | CommandPlan;

const READING = new Set(['SELECT', 'WITH', '(', 'FROM', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS', 'CHECK']);
const SETTINGS_AFTER_FORMAT =
  /\s+SETTINGS\s+(?:[\w.]+\s*=\s*(?:'(?:[^'\\]|\\.)*'|[\w.+-]+)\s*,\s*)*[\w.]+\s*=\s*(?:'(?:[^'\\]|\\.)*'|[\w.+-]+)/iy;

/** The position in `outer` at which two words follow one another, or -1. */
function findPair({ sql, outer }: ScannedStatement, first: string, second: string): number {
  return outer.findIndex((token, i) => keywordOf(sql, token) === first && keywordOf(sql, outer[i + 1]) === second);
}

/**
 * Decides how a statement is run.
 * @param defaultFormat of an answer, when the statement names none
 * @throws ClickHouseException when it is empty, is more than one statement, or names files of this machine
 */
export function planStatement(sql: string, defaultFormat: string): Plan {
  const statement = scanStatement(sql);
  const words = statement.outer.map((token) => keywordOf(sql, token));
  if (words.length === 0)
    throw exception('SYNTAX_ERROR', 'Syntax error: failed at position 1 (end of query): Empty query.');
  if (findPair(statement, 'INTO', 'OUTFILE') >= 0)
    throw exception('INTO_OUTFILE_NOT_ALLOWED', 'INTO OUTFILE is not allowed.');
  if (words[0] === 'INSERT') return planInsert(statement);
  const text = sql.slice(0, statement.end);
  if (words[0] === 'KILL' && words[1] === 'QUERY') return { kind: 'kill', format: defaultFormat, text };
  const inserts = words[0] === 'WITH' && findPair(statement, 'INSERT', 'INTO') >= 0;
  if (READING.has(words[0]!) && !inserts) return planRead(statement, defaultFormat);
  return { kind: 'command', format: defaultFormat, text };
}

function planInsert(statement: ScannedStatement): Plan {
  const { sql, outer, dataStart } = statement;
  if (findPair(statement, 'FROM', 'INFILE') >= 0) {
    throw exception('UNKNOWN_TYPE_OF_QUERY', 'Query has infile and was send directly to server.');
  }
  if (dataStart === undefined) {
    if (statement.hasSelect) return { kind: 'command', format: 'Null', text: sql.slice(0, statement.end) };
    throw exception(
      'SYNTAX_ERROR',
      `Syntax error: failed at position ${statement.end + 1} (end of query): expected VALUES, FORMAT or SELECT.`,
    );
  }
  const last = outer.at(-1)!;
  const hasFormat = endsInFormat(sql, outer);
  const format = keywordOf(sql, last) === 'VALUES' ? 'Values' : sql.slice(last.start, last.end);
  const formatStart = (hasFormat ? outer.at(-2)! : last).start;
  // Settings may stand on either side of the format; the engine takes them after the file's name only.
  const settingsAt = outer.findLast((token) => keywordOf(sql, token) === 'SETTINGS')?.start ?? formatStart;
  SETTINGS_AFTER_FORMAT.lastIndex = dataStart;
  const trailing = hasFormat ? SETTINGS_AFTER_FORMAT.exec(sql)?.[0] : undefined;
  const [head, settings] = [sql.slice(0, settingsAt), trailing ?? sql.slice(settingsAt, formatStart)];
  const { input } = statement;
  if (input) {
    const [before, structure, after] = [sql.slice(0, input.start), sql.slice(input.open, input.close), input.close];
    return {
      kind: 'insert',
      format,
      dataStart: dataStart + (trailing?.length ?? 0),
      // The rows are in a file: the table function that reads one takes the place of the one that reads a request.
      infile: (path, compression = 'none') => {
        const source = `file(${quoteString(path)}, ${quoteString(format)}, ${structure}, ${quoteString(compression)})`;
        return `${before}${source}${head.slice(after + 1)}\n${settings}`;
      },
    };
  }
  return {
    kind: 'insert',
    format,
    dataStart: dataStart + (trailing?.length ?? 0),
    infile: (path, compression) => {
      const compressed = compression === undefined ? '' : ` COMPRESSION ${quoteString(compression)}`;
      // On lines of their own: what stands before may end in a comment.
      return `${head}\nFROM INFILE ${quoteString(path)}${compressed}\n${settings}\nFORMAT ${format}`;
    },
  };
}

function planRead({ sql, outer, end }: ScannedStatement, defaultFormat: string): ReadPlan {
  const at = outer.findLastIndex((token) => keywordOf(sql, token) === 'FORMAT');
  const name = outer[at + 1];
  const next = keywordOf(sql, outer[at + 2]);
  const isClause = at > 0 && name?.kind === 'word' && (outer.length === at + 2 || next === 'SETTINGS');
  const clauseStart = isClause ? outer[at]!.start : end;
  const format = isClause ? sql.slice(name.start, name.end) : defaultFormat;
  const clause = isClause ? sql.slice(clauseStart, end) : `FORMAT ${format}`;
  // On a line of its own: the text may end in a comment.
  const text = sql.slice(0, clauseStart).trimEnd();
  return { kind: 'read', format, outfile: (path) => `${text}\nINTO OUTFILE ${quoteString(path)} TRUNCATE ${clause}` };
}
