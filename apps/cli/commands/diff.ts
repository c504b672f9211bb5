import { Option, type Command } from 'commander';
import {
  DUPLICATE_POLICIES,
  METHODS,
  NULL_POLICIES,
  type ColumnPair,
  type ComparedColumn,
  type ComparisonDefinition,
} from '@holdfast/domains/comparisons/core/comparison';
import { DomainError } from '@holdfast/kernel';
import { endWith, wholeNumber } from '../context';
import { addressOf } from '../diff/address';
import { tolerancesOf } from '../diff/tolerance';
import { CliError, EXIT, UsageError } from '../exit';
import { Output } from '../output';

interface DiffOptions {
  readonly key: string;
  readonly columns?: string;
  readonly where?: string;
  readonly whereSource?: string;
  readonly whereTarget?: string;
  readonly tolerance?: readonly string[];
  readonly nulls: (typeof NULL_POLICIES)[number];
  readonly duplicates: (typeof DUPLICATE_POLICIES)[number];
  readonly method: (typeof METHODS)[number];
  readonly sample?: number;
  readonly recheck?: number;
  readonly limit?: number;
  readonly maxSeconds?: number;
  readonly maxRows?: number;
  readonly statementTimeout: number;
  readonly stats?: true;
}

export function addDiff(program: Command): void {
  program
    .command('diff')
    .argument(
      '<source>',
      'postgresql://user@host/database/[schema.]table, mysql://.., clickhouse://.., https://.., git:REPOSITORY?ref=main, archive:PATH, profile+postgresql://.. or a file',
    )
    .argument('<target>', 'the same')
    .requiredOption('-k, --key <columns>', 'columns by which rows belong together: a,b; a=b where names differ')
    .option('-c, --columns <columns>', 'columns that are compared (default: all that both sides have)')
    .option('-w, --where <sql>', 'compares these rows only; in the SQL of both stores')
    .option('--where-source <sql>', 'of the source only')
    .option('--where-target <sql>', 'of the target only')
    .option(
      '-t, --tolerance <column=what...>',
      'what may differ: amount=0.01, price=1%, at=2s, name=case, name=trim; needs -c',
    )
    .addOption(new Option('--nulls <policy>', 'what NULL is equal to').choices(NULL_POLICIES).default('distinct'))
    .addOption(
      new Option('--duplicates <policy>', 'what becomes of a key that repeats')
        .choices(DUPLICATE_POLICIES)
        .default('refuse'),
    )
    .addOption(new Option('--method <method>', 'how it is compared').choices(METHODS).default('auto'))
    .option('--sample <share>', 'compares this share of the keys, from 0 to 1', Number)
    .option(
      '--recheck <seconds>',
      'reads rows that differ again after so many seconds, and tells those that still do',
      Number,
    )
    .option('--limit <differences>', 'stops after so many differences', wholeNumber(0))
    .option('--max-seconds <seconds>', 'stops after so long', wholeNumber(0))
    .option('--max-rows <rows>', 'stops after so many rows of both sides', wholeNumber(0))
    .option('--statement-timeout <seconds>', 'longest time of one statement in a store', wholeNumber(1, 604_800), 3_600)
    .option('--stats', 'counts instead of rows')
    .description('compare two tables or files where they lie. Ends as diff does: 0 the same, 1 different, 2 trouble')
    .action(async (source: string, target: string, options: DiffOptions, command: Command) => {
      const output = new Output(command.optsWithGlobals<{ json?: boolean }>().json === true);
      try {
        const sides = { source: addressOf(source, 'source'), target: addressOf(target, 'target') };
        const definition = definitionOf(sides.source.dataSet, sides.target.dataSet, options);
        const { runDiff } = await import('../diff/run.js'); // drivers take a while to load, and no other command needs them
        const result = await runDiff(definition, sides, options, output);
        const { added, removed, changed } = result.counts;
        if (result.partial !== undefined && result.partial !== 'differences')
          throw new CliError(`the budget of ${result.partial} was used up: this is not all`, EXIT.usage);
        endWith(added + removed + changed === 0 ? EXIT.ok : EXIT.no);
      } catch (error) {
        throw error instanceof DomainError ? new CliError(wordsOf(error), EXIT.usage, { cause: error }) : error;
      }
    });
}

function definitionOf(
  source: ComparisonDefinition['source'],
  target: ComparisonDefinition['target'],
  options: DiffOptions,
): ComparisonDefinition {
  const { columns, tolerance = [], nulls, duplicates, method, sample, recheck, limit, maxSeconds, maxRows } = options;
  const tolerances = tolerancesOf(tolerance);
  const compared = columns === undefined ? undefined : pairs(columns);
  for (const name of tolerances.keys())
    if (!compared?.some((column) => column.name === name))
      throw new UsageError(`--tolerance is for ${name}, which -c does not name`);
  const withTolerance = (pair: ColumnPair): ComparedColumn => {
    const allowed = tolerances.get(pair.name);
    return allowed ? { ...pair, tolerance: allowed } : pair;
  };
  return {
    ...{ source, target, key: pairs(options.key), nulls, duplicates, method },
    ...(compared && { columns: compared.map(withTolerance) }),
    ...(sample === undefined ? {} : { sampleShare: sample }),
    ...(recheck === undefined ? {} : { recheckAfterSeconds: recheck }),
    budget: {
      ...(limit === undefined ? {} : { differences: limit }),
      ...(maxSeconds === undefined ? {} : { seconds: maxSeconds }),
      ...(maxRows === undefined ? {} : { rows: maxRows }),
    },
  };
}

/** `a,b=c`: a on both sides, and b of the source with c of the target. */
function pairs(text: string): ColumnPair[] {
  return text.split(',').map((one) => {
    const [name = '', target] = one.trim().split('=');
    if (name === '' || target === '') throw new UsageError(`a list of columns has an empty name: ${text}`);
    return target === undefined ? { name } : { name, source: name, target };
  });
}

const wordsOf = ({ message, code }: DomainError): string => `${message} (${code})`;
