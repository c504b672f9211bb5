import { Option, type Command } from 'commander';
import { contextOf, wholeNumber } from '../context';

interface TimelineEntry {
  readonly id: string;
  readonly source: string;
  readonly attempt: number;
  readonly stage: string;
  readonly type: string;
  readonly outcome: string;
  readonly occurredAt: string;
  readonly originAt: string;
  readonly originFrom: string;
  readonly receivedAt: string;
  readonly status: string;
  readonly test: boolean;
  readonly manual: boolean;
  readonly synthetic: boolean;
}

/** With the flags of the event. */
const statusOf = ({ status, ...flags }: TimelineEntry): string =>
  [status, ...(['test', 'manual', 'synthetic'] as const).filter((flag) => flags[flag])].join(', ');

export function addEvents(program: Command): void {
  const group = program.command('events').description('what was recorded');
  group
    .command('timeline')
    .argument('<key>', 'business key, such as an order number')
    .description('everything that was said about one key, in the order in which it happened')
    .addOption(new Option('--process <id>', 'process').makeOptionMandatory())
    .option('--limit <n>', 'at most so many', wholeNumber(1), 1000)
    .action(async (key: string, { process, limit }: { process: string; limit: number }, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(
        client.items<TimelineEntry>('/v1/events', { process, key }, limit),
        [
          { title: 'occurred at', value: (one) => one.occurredAt },
          { title: 'stage', value: (one) => one.stage },
          { title: 'type', value: (one) => one.type },
          { title: 'source', value: (one) => one.source },
          { title: 'id', value: (one) => one.id },
          { title: 'attempt', value: (one) => one.attempt, align: 'right' },
          { title: 'status', value: statusOf },
          { title: 'outcome', value: (one) => one.outcome },
          { title: 'received at', value: (one) => one.receivedAt },
        ],
        'nothing was recorded about this key',
      );
    });
}
