import { compare } from '@holdfast/domains/comparisons/compare';
import type { Connection } from '@holdfast/domains/comparisons/connections';
import type { ComparisonDefinition, ComparisonResult, Progress } from '@holdfast/domains/comparisons/core/comparison';
import type { Side } from '@holdfast/domains/comparisons/core/data-set';
import { CliError, EXIT } from '../exit';
import type { Output } from '../output';
import type { Addressed } from './address';
import { heading, jsonOf, statsOf, textOf } from './show';

export interface RunOptions {
  readonly where?: string;
  readonly whereSource?: string;
  readonly whereTarget?: string;
  readonly statementTimeout: number;
  readonly stats?: true;
}

/** Compares, and writes what differs as it is found. @throws DomainError, CliError when it is interrupted */
export async function runDiff(
  definition: ComparisonDefinition,
  sides: Readonly<Record<Side, Addressed>>,
  options: RunOptions,
  output: Output,
): Promise<ComparisonResult> {
  const connections = (name: string): Connection => sides[name as Side].connection;
  const { whereSource = options.where, whereTarget = options.where, statementTimeout } = options;
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new CliError('interrupted', EXIT.interrupted));
  process.once('SIGINT', interrupt);
  try {
    const parts = compare(definition, {
      ...{ connections, signal: interrupted.signal, statementSeconds: statementTimeout },
      where: {
        ...(whereSource === undefined ? {} : { source: whereSource }),
        ...(whereTarget === undefined ? {} : { target: whereTarget }),
      },
    });
    return await tell(parts, options.stats === true, output);
  } finally {
    process.off('SIGINT', interrupt);
  }
}

/** Writes differences as they come, and returns the result. */
async function tell(
  parts: AsyncGenerator<Progress, ComparisonResult>,
  isStats: boolean,
  output: Output,
): Promise<ComparisonResult> {
  let said = false;
  for (;;) {
    const part = await parts.next();
    if (part.done === true) {
      const result = part.value;
      if (output.isJson) output.document({ is: 'result', ...result }, () => '');
      else if (isStats) output.document(undefined, () => statsOf(result));
      return result;
    }
    const { differences, names } = part.value;
    if (isStats || differences.length === 0) continue;
    if (!said && !output.isJson) output.line(undefined, () => heading(names));
    said = true;
    const text = output.isJson
      ? differences.map((one) => JSON.stringify(jsonOf(one, names)))
      : differences.map((one) => textOf(one));
    await output.text(`${text.join('\n')}\n`);
  }
}
