import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tokens } from '@holdfast/platform/sql/tokens';
import { MigrationError } from './migration-error';

/** `expand` only adds, so that a release that is running goes on; `contract` takes away, and waits for a maintenance window. */
export type Phase = 'expand' | 'contract';

export interface Statement {
  /** From 1, in its file. */
  readonly number: number;
  /** From its first word, without the semicolon. */
  readonly sql: string;
  /** SHA-256 of the text, in hexadecimal. */
  readonly checksum: string;
}

export interface Migration {
  readonly version: number;
  /** Of its file. */
  readonly name: string;
  readonly phase: Phase;
  readonly statements: readonly Statement[];
  /** SHA-256 of the file, in hexadecimal. */
  readonly checksum: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Files `NNNN_<domain>_<what>.sql`, numbered from 0001 without gaps. A file adds and nothing else, unless a comment before its first statement says
 * `-- phase: contract`.
 * @throws MigrationError naming the file
 */
export function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, index) => {
    const version = Number(/^(\d{4})_[a-z0-9]+_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
    if (version !== index + 1)
      throw new MigrationError(
        `${name}: expected number ${String(index + 1).padStart(4, '0')} and a name NNNN_<domain>_<what>.sql`,
      );
    const text = readFileSync(join(folder, name), 'utf8');
    return { version, name, phase: phaseOf(name, text), statements: statementsOf(text), checksum: sha256(text) };
  });
}

function phaseOf(name: string, text: string): Phase {
  const first = tokens(text).next();
  const head = first.done === true ? text : text.slice(0, first.value.start);
  const declared = /^--[ \t]*phase:[ \t]*(.*?)[ \t]*$/im.exec(head)?.[1] ?? 'expand';
  if (declared !== 'expand' && declared !== 'contract')
    throw new MigrationError(`${name}: its phase is neither expand nor contract`);
  return declared;
}

/** Statements end with a semicolon that stands in no string and no comment. */
export function statementsOf(text: string): Statement[] {
  const found: string[] = [];
  let [start, end] = [-1, -1];
  const close = (): void => {
    if (start >= 0) found.push(text.slice(start, end));
    start = -1;
  };
  for (const token of tokens(text)) {
    if (token.kind === 'symbol' && text[token.start] === ';') {
      close();
      continue;
    }
    if (start < 0) start = token.start;
    end = token.end;
  }
  close();
  return found.map((sql, index) => ({ number: index + 1, sql, checksum: sha256(sql) }));
}
