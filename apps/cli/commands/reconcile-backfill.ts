import { setTimeout as pause } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import { answerIs, contextOf, segment, wholeNumber, type CommandContext } from '../context';
import { count, facts } from '../output';

const PATH = '/v1/backfills';
const pathOf = (id: string): string => `${PATH}/${segment(id)}`;
const LOOK_EVERY_MS = 1_000;

interface Backfill {
  readonly id: string;
  readonly process: string;
  readonly from: string;
  readonly to: string;
  readonly atOnce: number;
  readonly askedBy: string;
  readonly askedAt: string;
  readonly state: 'running' | 'done' | 'stopped';
  readonly opened: number;
  readonly judged: number;
  readonly withGaps: number;
  readonly passed: number;
}

/** `reconcile backfill`: many windows of the past by one request. */
export function addBackfill(group: Command): void {
  const backfill = group.command('backfill').description('windows of the past, opened and judged by one request');
  backfill
    .command('start')
    .argument('<process>', 'id of the process')
    .description('open the windows that begin in [from, to), as the process cuts time')
    .addOption(new Option('--from <time>', 'RFC 3339, a whole minute').makeOptionMandatory())
    .addOption(new Option('--to <time>', 'RFC 3339, a whole minute').makeOptionMandatory())
    .option('--at-once <n>', 'windows that are judged at a time', wholeNumber(1, 50), 4)
    .option('--watch', 'wait until it has ended; ends with 1 when windows have gaps')
    .action(async (process: string, options: Record<string, string | number | boolean>, command: Command) => {
      const context = contextOf(command, 'transfer');
      const { watch, ...span } = options;
      const made = await context.client.post<Backfill>(PATH, { process, ...span });
      if (watch === true) return follow(context, made);
      context.output.document(made, () => text(made));
    });
  backfill
    .command('show')
    .argument('<id>', 'id of the back-fill')
    .description('how far it is')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const found = await client.get<Backfill>(pathOf(id));
      output.document(found, () => text(found));
    });
  backfill
    .command('stop')
    .argument('<id>', 'id of the back-fill')
    .description('open no further window; those that are open go on')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const found = await client.post<Backfill>(`${pathOf(id)}/stop`);
      output.document(found, () => text(found));
    });
  backfill
    .command('list')
    .description('back-fills, newest first')
    .option('--process <id>', 'only of this process')
    .option('--limit <n>', 'at most so many', wholeNumber(1), 100)
    .action(async ({ limit, ...query }: { process?: string; limit: number }, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(
        client.items<Backfill>(PATH, query, limit),
        [
          { title: 'id', value: ({ id }) => id },
          { title: 'process', value: ({ process }) => process },
          { title: 'from', value: ({ from }) => from },
          { title: 'to', value: ({ to }) => to },
          { title: 'state', value: ({ state }) => state },
          { title: 'judged', value: ({ judged }) => count(judged), align: 'right' },
          { title: 'with gaps', value: ({ withGaps }) => count(withGaps), align: 'right' },
        ],
        'there are none',
      );
    });
}

async function follow({ client, output }: CommandContext, begun: Backfill): Promise<void> {
  let found = begun;
  for (let told = -1; found.state === 'running'; found = await client.get<Backfill>(pathOf(begun.id))) {
    if (found.judged !== told && !output.isJson)
      output.note(`${count(found.judged)} of ${count(found.opened)} windows judged`);
    told = found.judged;
    await pause(LOOK_EVERY_MS);
  }
  output.document(found, () => text(found));
  answerIs(found.withGaps === 0 && found.state === 'done');
}

const text = (one: Backfill): string =>
  facts([
    ['back-fill', one.id],
    ['process', one.process],
    ['from', one.from],
    ['to', one.to],
    ['state', one.state],
    ['opened', count(one.opened)],
    ['judged', count(one.judged)],
    ['with gaps', count(one.withGaps)],
    ['passed over', count(one.passed)],
  ]);
