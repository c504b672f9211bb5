import { type Command, Option } from 'commander';
import { contextOf, segment } from '../context';
import { UsageError } from '../exit';
import type { Column } from '../output';

interface Change {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly title: string;
  readonly link: string;
  readonly by: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly reports: readonly { readonly state: string; readonly at: string; readonly reportedBy: string }[];
}
interface TellOptions {
  readonly kind: string;
  readonly state: string;
  readonly label: readonly string[];
  readonly at?: string;
  readonly title?: string;
  readonly link?: string;
  readonly by?: string;
}
interface ListOptions {
  readonly from?: string;
  readonly to?: string;
  readonly kind?: string;
  readonly match: readonly string[];
}

const KINDS = ['deployment', 'configuration', 'migration', 'other'];
const STATES = ['started', 'finished', 'failed', 'rolled_back', 'occurred'];
const PATH = '/v1/changes';

const labelsText = (labels: Change['labels']): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
const COLUMNS: readonly Column<Change>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'kind', value: ({ kind }) => kind },
  { title: 'state', value: ({ state }) => state },
  { title: 'started', value: ({ startedAt }) => startedAt },
  { title: 'ended', value: ({ endedAt }) => endedAt },
  { title: 'labels', value: ({ labels }) => labelsText(labels) },
  { title: 'title', value: ({ title }) => title },
];
const several = (value: string, before: readonly string[]): string[] => [...before, value];

function labelOf(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError('--label takes name=value');
  return [text.slice(0, at), text.slice(at + 1)];
}

export function addChanges(program: Command): void {
  const group = program.command('changes').description('deployments and other changes of systems');
  group
    .command('tell')
    .argument('<id>', 'of the change: the same for all of its states')
    .description('tell a state of a change; a repeat changes nothing')
    .addOption(new Option('--state <state>', 'what happened').choices(STATES).makeOptionMandatory())
    .addOption(new Option('--kind <kind>', 'what it is').choices(KINDS).default('deployment'))
    .option('--label <name=value>', 'such as service=erp; several times', several, [])
    .option('--at <time>', 'RFC 3339; now where not given')
    .option('--title <text>', 'for people')
    .option('--link <address>', 'where more is told')
    .option('--by <name>', 'who or what makes the change')
    .action(async (id: string, { label, ...told }: TellOptions, command: Command) => {
      const { client, output } = contextOf(command);
      const change = await client.post<Change>(PATH, { id, ...told, labels: Object.fromEntries(label.map(labelOf)) });
      output.document(change, () => `${change.kind} ${change.id}: ${change.state}`);
    });
  group
    .command('list')
    .description('changes, the newest first')
    .option('--from <time>', 'RFC 3339; a day before --to where not given')
    .option('--to <time>', 'RFC 3339; now where not given')
    .addOption(new Option('--kind <kind>', 'only of this kind').choices(KINDS))
    .option('--match <label=value>', 'or label!=value; several times: all of them', several, [])
    .action(async ({ match, ...asked }: ListOptions, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(client.items<Change>(PATH, { ...asked, match }), COLUMNS, 'there are no such changes');
    });
  group
    .command('show')
    .argument('<id>')
    .description('a change with every state that was told')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const change = await client.get<Change>(`${PATH}/${segment(id)}`);
      output.document(change, () =>
        [
          `${change.kind} ${change.id}: ${change.state}  ${labelsText(change.labels)}`,
          ...[change.title, change.link, change.by].filter((text) => text !== ''),
          ...change.reports.map(({ state, at, reportedBy }) => `${at}  ${state}  told by ${reportedBy}`),
        ].join('\n'),
      );
    });
}
