import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { PLATFORM_PROBLEMS, type ProblemCode } from '@holdfast/platform/http';
import { DOMAIN_PROBLEMS } from '../../apps/api/main';

const root = join(__dirname, '../..');

interface Use {
  readonly kind: string;
  readonly code: string;
  readonly where: string;
}

function sourcesUnder(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name));
}

/** The texts that an expression can be; none when it is not made of literals. */
function textsOf(node: ts.Expression | undefined): string[] {
  if (!node) return [];
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
    return textsOf(node.expression);
  return [];
}

/** What `new DomainError(kind, code, ...)` and `invalid(code, ...)` raise, where kind and code stand there as text. */
function usesIn(file: string, text: string): Use[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const uses: Use[] = [];
  const visit = (node: ts.Node): void => {
    const call = ts.isNewExpression(node) || ts.isCallExpression(node) ? node : undefined;
    const name = call && ts.isIdentifier(call.expression) ? call.expression.text : undefined;
    const where = (): string => `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    if (name === 'DomainError')
      for (const kind of textsOf(call!.arguments?.[0]))
        for (const code of textsOf(call!.arguments?.[1])) uses.push({ kind, code, where: where() });
    if (name === 'invalid')
      for (const code of textsOf(call!.arguments?.[0])) uses.push({ kind: 'invalid', code, where: where() });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return uses;
}

describe('problem codes', () => {
  const documented: readonly ProblemCode[] = [...PLATFORM_PROBLEMS, ...DOMAIN_PROBLEMS];
  const uses = ['libs', 'workflows', 'apps'].flatMap(sourcesUnder).flatMap((file) => {
    return usesIn(file, readFileSync(join(root, file), 'utf8'));
  });

  it('are found in the sources', () => {
    const found = usesIn(
      'x.ts',
      "new DomainError('conflict', a ? 'b' : ('c' as const), `t`); invalid(`d`, 'e'); valid('f');",
    );
    expect(found.map(({ kind, code }) => [kind, code])).toEqual([
      ['conflict', 'b'],
      ['conflict', 'c'],
      ['invalid', 'd'],
    ]);
    expect(uses.length).toBeGreaterThan(20);
  });

  it('are all documented, under the kind that decides their status', () => {
    const kinds = new Map(documented.map(({ code, kind }) => [code, kind]));
    const wrong = uses
      .filter(({ code, kind }) => kinds.get(code) !== kind)
      .map(({ code, kind, where }) => `${where} ${kind} ${code}: documented as ${kinds.get(code) ?? 'nothing'}`);
    expect(wrong).toEqual([]);
  });

  it('are each documented once, and say what to do', () => {
    const codes = documented.map(({ code }) => code);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
    for (const { code, meaning, whatToDo } of documented) {
      expect(code).toMatch(/^[a-z][a-z0-9_]{2,60}$/);
      expect([code, meaning.length > 10, whatToDo.length > 10]).toEqual([code, true, true]);
    }
  });

  it('of every domain that documents some are part of the API', async () => {
    for (const file of sourcesUnder('libs/domains').filter((name) => name.endsWith('.problems.ts'))) {
      const exported = (await import(join(root, file))) as Record<string, readonly ProblemCode[]>;
      for (const { code } of Object.values(exported).flat()) expect(documented.map((one) => one.code)).toContain(code);
    }
  });
});
