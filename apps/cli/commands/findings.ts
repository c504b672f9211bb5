import { Option, type Command } from 'commander';
import { contextOf, segment, wholeNumber } from '../context';
import { facts, type Column } from '../output';

interface FindingRow {
  readonly id: string;
  readonly kind: string;
  readonly severity: string;
  readonly state: string;
  readonly source: string | null;
  readonly subject: string | null;
  readonly process: string | null;
  readonly stage: string | null;
  readonly range: { readonly numbers: { from: number; to: number } | null; readonly from: string; readonly to: string };
  readonly impact: { readonly cases: number | null; readonly amount: string | null; readonly currency: string | null };
  readonly measures: Readonly<Record<string, number>>;
  readonly owner: string | null;
  readonly foundAt: string;
}
interface Finding extends FindingRow {
  readonly alerts: readonly string[];
  readonly steps: readonly {
    readonly at: string;
    readonly step: string;
    readonly by: string | null;
    readonly reason: string | null;
  }[];
}
interface Remark {
  readonly reason?: string;
  readonly owner?: string;
  readonly cases?: number;
  readonly amount?: string;
  readonly currency?: string;
}

const PATH = '/v1/findings';
const numbersOf = ({ range: { numbers } }: FindingRow): string => (numbers ? `${numbers.from}-${numbers.to}` : '');

const COLUMNS: readonly Column<FindingRow>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'kind', value: ({ kind }) => kind },
  { title: 'severity', value: ({ severity }) => severity },
  { title: 'state', value: ({ state }) => state },
  { title: 'source', value: ({ source, subject }) => source ?? subject },
  { title: 'process', value: ({ process }) => process },
  { title: 'stage', value: ({ stage }) => stage },
  { title: 'numbers', value: numbersOf },
  { title: 'cases', value: ({ impact }) => impact.cases, align: 'right' },
  { title: 'owner', value: ({ owner }) => owner },
  { title: 'found at', value: ({ foundAt }) => foundAt },
];

export function addFindings(program: Command): void {
  const group = program.command('findings').description('what inspections found in what sources send');
  group
    .command('list')
    .description('findings, newest first')
    .option('--kind <kind>', 'only of this kind')
    .addOption(new Option('--state <state>', 'only in this state').choices(['open', 'triaged', 'fixed', 'accepted']))
    .option('--source <id>', 'only of this source')
    .option('--process <id>', 'only of this process')
    .option('--owner <name>', 'only of this owner')
    .option('--severity <severity>', 'only of this severity')
    .option('--limit <n>', 'at most so many', wholeNumber(1), 100)
    .action(async ({ limit, ...query }: { limit: number } & Record<string, string | number>, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(client.items<FindingRow>(PATH, query, limit), COLUMNS, 'there are no findings');
    });
  group
    .command('show')
    .argument('<id>', 'id of the finding')
    .description('a finding and everything that happened to it')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const finding = await client.get<Finding>(`${PATH}/${segment(id)}`);
      output.document(finding, () => findingText(finding));
    });
  addStep(group, 'triage', 'say who takes care of a finding, and what it costs')
    .option('--owner <name>', 'who takes care of it')
    .option('--reason <text>', 'a comment');
  addStep(group, 'fix', 'close a finding; it is open again when it occurs again').requiredOption(
    '--reason <text>',
    'what was done',
  );
  addStep(group, 'accept', 'close a finding for good').requiredOption('--reason <text>', 'why it may stay so');
}

function addStep(group: Command, action: string, description: string): Command {
  return group
    .command(action)
    .argument('<id>', 'id of the finding')
    .description(description)
    .option('--cases <n>', 'how many cases it touches', wholeNumber(0))
    .option('--amount <decimal>', 'what it costs, with --currency')
    .option('--currency <code>', 'ISO 4217')
    .action(async (id: string, { reason, owner, ...impact }: Remark, command: Command) => {
      const { client, output } = contextOf(command);
      const finding = await client.post<Finding>(`${PATH}/${segment(id)}/${action}`, {
        ...(reason !== undefined && { reason }),
        ...(owner !== undefined && { owner }),
        ...(Object.keys(impact).length > 0 && { impact }),
      });
      output.document(finding, () => `${id} is ${finding.state}`);
    });
}

function findingText(finding: Finding): string {
  const { impact, range } = finding;
  const about = facts([
    ['finding', finding.id],
    ['kind', `${finding.kind}, ${finding.severity}`],
    ['state', finding.state],
    ['source', finding.source],
    ['subject', finding.subject],
    ['process', finding.process],
    ['stage', finding.stage],
    ['numbers', numbersOf(finding)],
    ['from', range.from],
    ['to', range.to],
    ['cases', impact.cases],
    ['amount', impact.amount === null ? undefined : `${impact.amount} ${impact.currency}`],
    ...Object.entries(finding.measures).map(([name, value]) => [name, value] as const),
    ['owner', finding.owner],
    ['alerts', finding.alerts.join(', ')],
  ]);
  const story = finding.steps.map(
    ({ at, step, by, reason }) =>
      `  ${at}  ${step}${by === null ? '' : ` by ${by}`}${reason === null ? '' : `: ${reason}`}`,
  );
  return [about, '', 'story', ...story].join('\n');
}
