import type { Command } from 'commander';
import { type Account, accountColumns } from '../account';
import { contextOf } from '../context';
import { table } from '../output';

interface IntakeAccount extends Account {
  readonly from: string;
  readonly to: string;
  readonly bySource: readonly (Account & { readonly source: string; readonly process: string | null })[];
}

export function addIntake(program: Command): void {
  const group = program.command('intake').description('what was received');
  group
    .command('account')
    .description('count records by what became of them; received is the sum of the others')
    .option('--source <source>', 'only of this source')
    .option('--from <time>', 'received since, RFC 3339 in whole seconds (default: a day before --to)')
    .option('--to <time>', 'received before (default: now)')
    .action(async (options: { source?: string; from?: string; to?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const to = options.to ?? wholeSecond(Date.now() + 1000);
      const day = Date.parse(to) - 86_400_000;
      const from = options.from ?? (Number.isNaN(day) ? to : wholeSecond(day));
      const account: IntakeAccount = await client.get('/v1/intake', { source: options.source, from, to });
      output.document(account, () => accountText(account));
    });
}

const wholeSecond = (ms: number): string => new Date(ms - (ms % 1000)).toISOString().replace('.000Z', 'Z');

function accountText(account: IntakeAccount): string {
  const rows = [...account.bySource, { ...account, source: 'together', process: '' }];
  return table(rows, [
    { title: 'source', value: ({ source }) => source },
    { title: 'process', value: ({ process }) => process ?? '(unknown)' },
    ...accountColumns,
  ]);
}
