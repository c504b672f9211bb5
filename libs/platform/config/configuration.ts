import { readFileSync } from 'node:fs';
import type { Variable } from './variable-forms';
import { allVariables, variables, type Configuration, type ValuesOf } from './variables';

/** Says which variable is wrong and why; the value itself may be a secret and is not repeated. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** The variables of a process. One that is empty counts as not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks every variable of API and worker.
 * @throws ConfigurationError naming each variable that is wrong
 */
export const readConfiguration = (environment: Environment): Configuration => readVariables(variables, environment);

/** Reads and checks the variables of a table. @throws ConfigurationError naming each variable that is wrong */
export function readVariables<T extends Readonly<Record<string, Variable>>>(
  table: T,
  environment: Environment,
): ValuesOf<T> {
  const problems: string[] = [];
  const found: Record<string, unknown> = {};
  for (const [name, { schema, secret }] of Object.entries(table)) {
    const text = secret ? secretText(name, environment, problems) : environment[name] || undefined;
    const parsed = schema.safeParse(text);
    if (parsed.success) found[name] = parsed.data;
    else problems.push(`${name}: ${parsed.error.issues.map(({ message }) => message).join('; ')}`);
  }
  if (problems.length > 0) throw new ConfigurationError(`configuration is wrong\n  ${problems.join('\n  ')}`);
  return found as ValuesOf<T>;
}

function secretText(name: string, environment: Environment, problems: string[]): string | undefined {
  const file = environment[`${name}_FILE`] || undefined;
  const value = environment[name] || undefined;
  if (file === undefined) return value;
  if (value !== undefined) problems.push(`${name}: set it or ${name}_FILE, not both`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    problems.push(`${name}_FILE: names a file that cannot be read`);
    return undefined;
  }
}

/** docs/configuration.md: one table of every variable. */
export function configurationPage(): string {
  const rows = Object.entries<Variable>(allVariables).map(([name, one]) => {
    const fallback = one.schema.safeParse(undefined);
    const shown =
      fallback.success && ['string', 'number'].includes(typeof fallback.data) && fallback.data !== ''
        ? `\`${fallback.data as string | number}\``
        : '';
    return `| \`${name}\`${one.secret ? ` or \`${name}_FILE\`` : ''} | ${shown} | ${one.doc} |`;
  });
  return [
    '# Configuration',
    '',
    'Generated from libs/platform/config/variables.ts by `npm run generate`. A variable that is empty counts as not set.',
    '',
    '| variable | default | meaning |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
