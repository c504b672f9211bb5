import { DomainError, type FieldProblem } from '@holdfast/kernel';
import { check } from 'recheck';
import { type Schema, type SchemaObject, subschemas } from './core/schema';

/** In a thread of its own, in JavaScript: it is asked a few times a day, and must not hold up events. Read by the package when it is called. */
process.env['RECHECK_BACKEND'] ??= 'worker';
const PATIENCE_MS = 5_000;
const MOST_PATTERNS = 200;

/**
 * Looks for regular expressions that take more than linear time on some text.
 * @throws DomainError `invalid`, naming each of them; also those that could not be judged in time
 */
export async function refuseCatastrophicPatterns(schema: Schema): Promise<void> {
  const patterns = [...patternsOf(schema)];
  if (patterns.length > MOST_PATTERNS)
    throw new DomainError('invalid', 'unusable_schema', `has more than ${MOST_PATTERNS} regular expressions`);
  const known = new Map<string, string | undefined>();
  const wrong: FieldProblem[] = [];
  for (const { path, pattern } of patterns) {
    if (!known.has(pattern)) known.set(pattern, await faultOf(pattern));
    const reason = known.get(pattern);
    if (reason !== undefined) wrong.push({ field: `schema${path}`, reason });
  }
  if (wrong.length > 0)
    throw new DomainError('invalid', 'catastrophic_pattern', 'a regular expression could take far too long', {
      fields: wrong,
    });
}

function* patternsOf(root: Schema): Generator<{ path: string; pattern: string }> {
  for (const { path, schema } of subschemas(root)) {
    if (typeof schema !== 'object' || schema === null) continue;
    const { pattern, patternProperties } = schema as SchemaObject;
    if (typeof pattern === 'string') yield { path: `${path}/pattern`, pattern };
    for (const name of Object.keys((patternProperties as object | undefined) ?? {}))
      yield { path: `${path}/patternProperties`, pattern: name };
  }
}

async function faultOf(pattern: string): Promise<string | undefined> {
  const found = await check(pattern, 'u', { timeout: PATIENCE_MS });
  if (found.status === 'safe') return undefined;
  if (found.status === 'vulnerable') return `takes ${found.complexity.summary} time on some texts`;
  return 'could not be shown to take linear time: make it simpler';
}
