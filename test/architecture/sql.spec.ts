import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import type { z } from 'zod';
import type { TypedQuery } from '@holdfast/platform/clickhouse';
import { uint64 } from '@holdfast/platform/clickhouse/row-types';

const mockQueries: TypedQuery<unknown, unknown>[] = [];
// The real thing, which also notes what it made: stores keep their queries to themselves.
jest.mock('../../libs/platform/clickhouse/typed-query', () => {
  const real = jest.requireActual<typeof import('../../libs/platform/clickhouse/typed-query')>(
    '../../libs/platform/clickhouse/typed-query',
  );
  const typedQuery: typeof real.typedQuery = (...args) => {
    const made = real.typedQuery(...args);
    mockQueries.push(made);
    return made;
  };
  return { ...real, typedQuery };
});

const root = join(__dirname, '../..');
const queries = join(root, 'clickhouse/queries');
const sqlUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sql'));
const names = sqlUnder(queries).map((name) => name.slice(0, -'.sql'.length));
const textOf = (name: string): string => readFileSync(join(queries, `${name}.sql`), 'utf8');
const withoutComments = (sql: string): string => sql.replace(/--.*$/gm, '');

function sources(...folders: string[]): string[] {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    )
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts') && !name.endsWith('.d.ts'));
}

function visit(text: string, see: (node: ts.Node) => void): void {
  const walk = (node: ts.Node): void => {
    see(node);
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true));
}

/** Names of the query files that a source uses: `typedQuery('name', ...)`. */
function namesUsedIn(text: string): string[] {
  const found: string[] = [];
  visit(text, (node) => {
    if (!ts.isCallExpression(node)) return;
    const { expression, arguments: given } = node;
    const [first] = given;
    if (ts.isIdentifier(expression) && expression.text === 'typedQuery' && first && ts.isStringLiteralLike(first))
      found.push(first.text);
  });
  return found;
}

const STATEMENT =
  /^\s*(SELECT|WITH|INSERT\s+INTO|ALTER\s+TABLE|CREATE\s+(TABLE|VIEW|MATERIALIZED)|DROP\s+(TABLE|VIEW)|TRUNCATE|DELETE\s+FROM|RENAME\s+TABLE|OPTIMIZE\s+TABLE)\s/;
const FRAGMENT = /\b(SELECT\s.*\sFROM|INSERT\s+INTO|GROUP\s+BY|ORDER\s+BY|WHERE)\s/s;

/** Texts in a source that are SQL, or become it. */
function sqlIn(text: string): string[] {
  const found: string[] = [];
  visit(text, (node) => {
    if (ts.isTemplateExpression(node)) {
      const whole = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(' x ');
      if (STATEMENT.test(whole) || FRAGMENT.test(whole)) found.push(whole);
    } else if (ts.isStringLiteralLike(node) && STATEMENT.test(node.text)) found.push(node.text);
  });
  return found;
}

/**
 * Where SQL is text: the engine's front end speaks it, the platform's part for ClickHouse runs it, benchmarks measure it bare. Comparisons across stores write
 * statements for tables that are known only when they are read (ADR 16); a demo plays the administrator of the database.
 */
const MAY_HOLD_SQL =
  /^(libs\/platform\/clickhouse\/|libs\/domains\/comparisons\/sources\/|apps\/cli\/demo\/second-day\/invoices|apps\/cli\/demo\/retention\/database|apps\/embedded-clickhouse\/|bench\/)/;

const ZOD_OF: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^String$/, ['string', 'enum', 'literal']],
  [/^Identifier$/, ['string']],
  [/^U?Int(8|16|32|64)$/, ['number', 'int', 'bigint']],
  [/^Bool$/, ['boolean']],
  [/^Array\(/, ['array']],
];
/** Texts of digits are numbers: 64 bits do not fit a double. */
const typeOf = (schema: z.ZodType): string => (schema === uint64 ? 'bigint' : schema.def.type);

describe('queries', () => {
  const used = sources('libs', 'apps').flatMap((file) =>
    namesUsedIn(readFileSync(join(root, file), 'utf8')).map((name) => ({ file, name })),
  );

  beforeAll(async () => {
    for (const file of new Set(used.map(({ file }) => file))) await import(join(root, file));
  });

  it('are each used in one place, and in one only', () => {
    expect(names.length).toBeGreaterThan(30);
    expect(used.map(({ name }) => name).sort()).toEqual([...names].sort());
  });

  it('begin by saying what they answer, hold one statement and no time or chance of their own', () => {
    for (const name of names) {
      const text = textOf(name);
      expect([name, text.split('\n')[0]]).toEqual([name, expect.stringMatching(/^-- [A-Z].{15,}/)]);
      expect([name, withoutComments(text).includes(';')]).toEqual([name, false]);
      expect([
        name,
        /\b(now|now64|today|yesterday|rand\w*|generate\w*|currentUser)\s*\(/i.exec(withoutComments(text))?.[0],
      ]).toEqual([name, undefined]);
    }
  });

  it('take exactly the parameters that their types name', () => {
    const typed = new Map(mockQueries.map((query) => [query.name, query]));
    for (const name of names) {
      const inSql = new Map(
        [...withoutComments(textOf(name)).matchAll(/\{(\w+):([^{}]+)\}/g)].map(([, parameter, type]) => [
          parameter!,
          type!.trim(),
        ]),
      );
      const query = typed.get(name);
      const shape = (query?.params as z.ZodObject | undefined)?.shape ?? {}; // a binary query has none
      expect([name, Object.keys(shape).sort()]).toEqual([name, [...inSql.keys()].sort()]);
      for (const [parameter, schema] of Object.entries(shape)) {
        const type = inSql.get(parameter)!;
        const fits = ZOD_OF.some(([sql, zod]) => sql.test(type) && zod.includes(typeOf(schema as z.ZodType)));
        expect(`${name} ${parameter} ${type} ${fits ? 'fits' : `takes ${typeOf(schema as z.ZodType)}`}`).toBe(
          `${name} ${parameter} ${type} fits`,
        );
      }
    }
    expect([...typed.keys()].filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('SQL', () => {
  it('is found where a source holds it', () => {
    expect(sqlIn('const a = `SELECT x FROM ${t} WHERE y`; const b = `${a} AND x`;')).toHaveLength(1);
    expect(sqlIn("const c = 'INSERT INTO t VALUES'; const d = 'select one from the list';")).toHaveLength(1);
    expect(sqlIn('const e = `${x} WHERE y = ${z}`;')).toHaveLength(1);
  });

  it('stands in files, never in the text of a program', () => {
    const held = sources('libs', 'apps', 'workflows', 'bench')
      .filter((file) => !MAY_HOLD_SQL.test(file))
      .flatMap((file) => sqlIn(readFileSync(join(root, file), 'utf8')).map((text) => `${file}: ${text.slice(0, 60)}`));
    expect(held).toEqual([]);
  });

  it('of migrations takes its times from what is written, too', () => {
    const folder = join(root, 'clickhouse/migrations');
    for (const name of sqlUnder(folder))
      expect([
        name,
        /\b(now|now64|today)\s*\(/i.exec(withoutComments(readFileSync(join(folder, name), 'utf8')))?.[0],
      ]).toEqual([name, undefined]);
  });
});
