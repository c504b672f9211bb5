import type { Command } from 'commander';

/** Loaded when a command needs it: no other does, and it takes a while. */
const migrations = () => import('../migrations.js');

export function addMigrate(program: Command): void {
  const group = program
    .command('migrate')
    .description('bring the schema of ClickHouse up to date; speaks to it directly, by CLICKHOUSE_URL and its fellows');
  group
    .command('plan')
    .description(
      'say what would be done, try it on a copy, and whether the releases that run would go on; changes nothing',
    )
    .action(async (_options: object, command: Command) => (await migrations()).plan(command));
  group
    .command('apply')
    .option('--now', 'do not wait for the maintenance window (HOLDFAST_MAINTENANCE_WINDOW)')
    .description('try it on a copy, then apply it; goes on where an earlier run stopped')
    .action(async ({ now }: { now?: true }, command: Command) => (await migrations()).apply(command, now === true));
}
