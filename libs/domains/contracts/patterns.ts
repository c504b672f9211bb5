import { DomainError, type FieldProblem } from '@holdfast/kernel';
import { faultOfPattern } from '@holdfast/platform/patterns';
import { type Schema, type SchemaObject, subschemas } from './core/schema';

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
    if (!known.has(pattern)) known.set(pattern, await faultOfPattern(pattern));
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
