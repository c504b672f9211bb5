import type { Command } from 'commander';
import { contextOf, segment } from '../context';
import { listDocuments, showDocument } from '../documents';

interface Policy {
  readonly id: string;
  readonly version: number;
  readonly description?: string;
  readonly levels: readonly {
    readonly targets: readonly { readonly routingKey: string }[];
    readonly acknowledgeTimeoutSeconds: number;
  }[];
  readonly repeats: number;
  readonly changedBy: string;
  readonly changedAt: string;
}

const PATH = '/v1/escalation-policies';

export function addPolicies(program: Command): void {
  const group = program
    .command('policies')
    .description('who is paged, in which order, for how long; `processes apply` changes them');
  listDocuments<Policy>(group, PATH, 'escalation policies', [
    { title: 'id', value: ({ id }) => id },
    { title: 'version', value: ({ version }) => version, align: 'right' },
    { title: 'levels', value: ({ levels }) => levels.map(ladder).join(' -> ') },
    { title: 'repeats', value: ({ repeats }) => repeats, align: 'right' },
    { title: 'changed', value: ({ changedAt }) => changedAt },
    { title: 'by', value: ({ changedBy }) => changedBy },
  ]);
  showDocument(group, PATH, 'escalation-policy');
  group
    .command('test')
    .argument('<id>', 'id of the policy')
    .description('page by the policy to try it; acknowledging the test resolves it')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const made = await client.post<{ readonly alert: string }>(`${PATH}/${segment(id)}/test`);
      output.document(made, () => `alert ${made.alert} is being escalated\nholdfast alerts show ${made.alert}`);
    });
}

const ladder = ({ targets, acknowledgeTimeoutSeconds }: Policy['levels'][number]): string =>
  `${targets.map(({ routingKey }) => routingKey).join('+')} (${acknowledgeTimeoutSeconds} s)`;
