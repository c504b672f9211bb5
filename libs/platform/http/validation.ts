import { type ArgumentMetadata, Injectable, StandardSchemaValidationPipe } from '@nestjs/common';
import { DomainError, type FieldProblem } from '@holdfast/kernel';
import type { z } from 'zod';

/** How many problems of one request are told; the rest is counted. */
const MOST = 100;
const LONGEST_FIELD = 200;

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/**
 * Checks what a handler takes against the schema of its decorator: `@Body({ schema })`, `@Query({ schema })`, `@Param('id', { schema })`.
 * @throws DomainError `invalid` with code `invalid_request` that lists every problem
 */
@Injectable()
export class ValidationPipe extends StandardSchemaValidationPipe {
  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    const { schema, type, data } = metadata;
    if (!schema || type === 'custom') return value;
    const result = await schema['~standard'].validate(value);
    if (!result.issues) return result.value as T;
    throw invalidRequest(result.issues as readonly Issue[], data ? [data] : [], type);
  }
}

/**
 * The problem of a request that its schema refuses. Reasons come from the schema and never repeat the value; names of unknown fields are the field.
 * @param whole what a problem of the whole is called, which has no path
 */
export function invalidRequest(issues: readonly Issue[], prefix: Path = [], whole = 'body'): DomainError {
  const fields = issues.flatMap((issue) => problemsOf(issue, prefix, whole));
  return new DomainError('invalid', 'invalid_request', 'the request is not valid; errors lists what is wrong', {
    fields: fields.slice(0, MOST),
    ...(fields.length > MOST && { extra: { moreErrors: fields.length - MOST } }),
  });
}

/** What is wrong with a value by its schema, for records that are judged one by one. */
export const fieldProblems = (error: z.ZodError, whole = 'body'): readonly FieldProblem[] =>
  error.issues.flatMap((issue) => problemsOf(issue, [], whole));

function problemsOf(issue: Issue, prefix: Path, whole: string): FieldProblem[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ field: named([...path, key], whole), reason: 'unrecognized' }));
  if (issue.code === 'invalid_union') {
    const nearest = nearestBranch(issue.errors);
    if (nearest) return nearest.flatMap((one) => problemsOf(one, path, whole));
  }
  return [{ field: named(path, whole), reason: issue.message }];
}

/** Of a union's alternatives, the one that the value misses by least. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const depth = (issues: readonly Issue[]): number => Math.max(...issues.map(({ path }) => path.length));
  return branches
    .filter((issues) => issues.length > 0)
    .reduce<readonly Issue[] | undefined>((best, one) => {
      if (!best || depth(one) > depth(best)) return one;
      return depth(one) === depth(best) && one.length < best.length ? one : best;
    }, undefined);
}

function named(path: Path, whole: string): string {
  const field = path.map(String).join('.');
  if (field === '') return whole;
  return field.length > LONGEST_FIELD ? `${field.slice(0, LONGEST_FIELD)}…` : field;
}
