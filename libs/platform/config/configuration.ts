import { readFileSync } from 'node:fs';
import { variables, type Configuration, type VariableName } from './variables';

/** Says which variable is wrong and why; the value itself may be a secret and is not repeated. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * Reads and checks every variable.
 * @throws ConfigurationError naming each variable that is wrong
 */
export function readConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const problems: string[] = [];
  const found: Record<string, unknown> = {};
  for (const [name, { schema, ...rest }] of Object.entries(variables)) {
    const text = 'secret' in rest ? secretText(name, environment, problems) : environment[name];
    const parsed = schema.safeParse(text);
    if (parsed.success) found[name] = parsed.data;
    else problems.push(`${name}: ${parsed.error.issues.map(({ message }) => message).join('; ')}`);
  }
  if (problems.length > 0) throw new ConfigurationError(`configuration is wrong\n  ${problems.join('\n  ')}`);
  return found as unknown as Configuration;
}

function secretText(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): string | undefined {
  const file = environment[`${name}_FILE`];
  if (file === undefined) return environment[name];
  if (environment[name] !== undefined) problems.push(`${name}: set it or ${name}_FILE, not both`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    problems.push(`${name}_FILE: names a file that cannot be read`);
    return undefined;
  }
}

/** docs/configuration.md: one table of every variable. */
export function configurationPage(): string {
  const rows = (Object.keys(variables) as VariableName[]).map((name) => {
    const one = variables[name];
    const fallback = one.schema.safeParse(undefined);
    const shown =
      fallback.success && ['string', 'number'].includes(typeof fallback.data) && fallback.data !== ''
        ? `\`${fallback.data as string | number}\``
        : '';
    return `| \`${name}\`${'secret' in one ? ` or \`${name}_FILE\`` : ''} | ${shown} | ${one.doc} |`;
  });
  return [
    '# Configuration',
    '',
    'Generated from libs/platform/config/variables.ts by `npm run generate`.',
    '',
    '| variable | default | meaning |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
