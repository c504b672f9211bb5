import { type Command } from 'commander';
import { contextOf, segment, wholeNumber } from '../context';
import { applyFile, listDocuments, showDocument } from '../documents';
import { type Column } from '../output';

interface Channel {
  readonly id: string;
  readonly version: number;
  readonly type: string;
  readonly account?: string;
  readonly routingKey?: string;
  readonly changedAt: string;
  readonly changedBy: string;
}
interface DeadLetter {
  readonly id: string;
  readonly channel: string;
  readonly to: string | null;
  readonly alertId: string;
  readonly title: string;
  readonly code: string;
  readonly givenUpAt: string;
  readonly tries: number;
  readonly replayed: { readonly by: string; readonly at: string } | null;
}

const PATH = '/v1/channels';
const DEAD_LETTERS: readonly Column<DeadLetter>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'given up', value: ({ givenUpAt }) => givenUpAt },
  { title: 'channel', value: ({ channel }) => channel },
  { title: 'to', value: ({ to }) => to ?? '' },
  { title: 'why', value: ({ code }) => code },
  { title: 'tries', value: ({ tries }) => tries, align: 'right' },
  { title: 'delivered', value: ({ replayed }) => replayed?.at },
  { title: 'alert', value: ({ alertId }) => alertId },
  { title: 'title', value: ({ title }) => title },
];

export function addChannels(program: Command): void {
  const group = program.command('channels').description('how people are told, and what nobody got');
  applyFile(group, 'channel');
  listDocuments<Channel>(group, PATH, 'channels', [
    { title: 'id', value: ({ id }) => id },
    { title: 'version', value: ({ version }) => version, align: 'right' },
    { title: 'type', value: ({ type }) => type },
    { title: 'account', value: ({ account, routingKey }) => account ?? routingKey },
    { title: 'changed', value: ({ changedAt }) => changedAt },
    { title: 'by', value: ({ changedBy }) => changedBy },
  ]);
  showDocument(group, PATH, 'channel');
  group
    .command('test')
    .argument('<id>', 'id of the channel')
    .description('send a test message')
    .option('--to <address>', "a person's address on the channel; where the channel says if not given")
    .action(async (id: string, { to }: { to?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const sent = await client.post<{ ref: string }>(`${PATH}/${segment(id)}/test`, to === undefined ? {} : { to });
      output.document(sent, () => `${id} has taken the message: ${sent.ref}`);
    });
  addDeadLetters(group);
}

function addDeadLetters(group: Command): void {
  group
    .command('dead-letters')
    .description('what nobody got, the last given up first')
    .option('--channel <id>', 'only of this channel')
    .option('--all', 'also those that were delivered since')
    .option('--limit <n>', 'at most so many', wholeNumber(1), 100)
    .action(async (options: { channel?: string; all?: true; limit: number }, command: Command) => {
      const { client, output } = contextOf(command);
      const query = { channel: options.channel, state: options.all ? 'any' : 'waiting' };
      const found = client.items<DeadLetter>('/v1/dead-letters', query, options.limit);
      await output.list(found, DEAD_LETTERS, 'there are no dead letters');
    });
  group
    .command('replay')
    .argument('<dead-letter>', 'id of the dead letter')
    .description('send a dead letter again, to where its channel leads now')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const sent = await client.post<DeadLetter>(`/v1/dead-letters/${segment(id)}/replay`);
      output.document(sent, () => `${id} was delivered through ${sent.channel}`);
    });
}
