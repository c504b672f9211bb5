import { InvalidArgumentError, Option, type Command } from 'commander';
import { answerIs, contextOf, segment, wholeNumber } from '../context';
import { count, facts, type Column } from '../output';

interface Sum {
  readonly windows: number;
  readonly discrepancies: number;
}
interface Decision {
  readonly id: string;
  readonly action: string;
  readonly state: string;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
  readonly expiresAt: string | null;
  readonly approveBy: string | null;
  readonly select: Readonly<Record<string, unknown>>;
  readonly found: Sum | null;
  readonly decided: Sum | null;
  readonly steps: readonly {
    readonly step: string;
    readonly at: string;
    readonly by: string | null;
    readonly comment: string | null;
  }[];
}
interface OfWindow {
  readonly decision: string;
  readonly revision: number;
  readonly action: string;
  readonly discrepancies: number;
  readonly rule: { readonly id: string; readonly version: number } | null;
  readonly by: string;
  readonly at: string;
  readonly outcome: string | null;
}
interface Selected {
  readonly window?: string;
  readonly from?: string;
  readonly to?: string;
  readonly kind?: string[];
  readonly stage?: string[];
  readonly field?: string[];
  readonly businessKey?: string[];
  readonly keyPrefix?: string;
}

const PATH = '/v1/decisions';
const ACTIONS = ['accept', 'ignore', 'fix_reported'];
const KINDS = ['missing', 'duplicate', 'mutated', 'orphan', 'undecided'];

export function addDecisions(program: Command): void {
  const group = program.command('decisions').description('what people and rules decide about discrepancies');
  addPropose(group);
  addAnswer(group, 'approve', 'let a proposal of somebody else take effect');
  addAnswer(group, 'refuse', 'keep a proposal of somebody else from taking effect');
  addShow(group);
}

const gather = (one: string, before: readonly string[] = []): string[] => [...before, one];

function addPropose(group: Command): void {
  group
    .command('propose')
    .argument('<process>', 'id of the process')
    .addOption(new Option('--action <action>', 'what is decided').choices(ACTIONS).makeOptionMandatory())
    .addOption(new Option('--reason <text>', 'why; it is kept').makeOptionMandatory())
    .option('--window <id>', 'of one window; else --from and --to')
    .option('--from <time>', 'RFC 3339: of all windows that share time with it')
    .option('--to <time>', 'RFC 3339')
    .option('--expires <time>', 'of ignore: when it comes back')
    .addOption(new Option('--kind <kind>', 'only of this kind; may be given several times').argParser(kind))
    .option('--stage <stage>', 'only found at this stage; several times', gather)
    .option('--field <name>', 'only where no other field differs; several times', gather)
    .option('--business-key <key>', 'only of this key; several times', gather)
    .option('--key-prefix <text>', 'only of keys that begin so')
    .description(
      'decide about open discrepancies, of one window or of many; waits for approval where the process wants that',
    )
    .action(
      async (
        process: string,
        options: Selected & { action: string; reason: string; expires?: string },
        command: Command,
      ) => {
        const { client, output } = contextOf(command);
        const { action, reason, expires: expiresAt, window, from, to, keyPrefix, ...lists } = options;
        const select = {
          ...{ process, from, to, keyPrefix, reconciliation: window },
          ...{ kinds: lists.kind, stages: lists.stage, fields: lists.field, keys: lists.businessKey },
        };
        const made = await client.post<{ readonly id: string }>(PATH, { action, reason, expiresAt, select });
        output.document(made, () => `${made.id}\nholdfast decisions show ${made.id}`);
      },
    );
}

function kind(text: string, before: readonly string[] = []): string[] {
  if (!KINDS.includes(text)) throw new InvalidArgumentError(`must be ${KINDS.join(', ')}`);
  return [...before, text];
}

function addAnswer(group: Command, how: 'approve' | 'refuse', description: string): void {
  group
    .command(how)
    .argument('<id>', 'id of the decision')
    .option('--comment <text>', 'what you say to it; it is kept')
    .description(description)
    .action(async (id: string, { comment }: { comment?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const decision = await client.post<Decision>(`${PATH}/${segment(id)}/${how}`, { comment });
      output.document(decision, () => `${id} is ${decision.state}`);
    });
}

const COLUMNS: readonly Column<Decision>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'action', value: ({ action }) => action },
  { title: 'state', value: ({ state }) => state },
  { title: 'found', value: ({ found }) => sumText(found) },
  { title: 'decided', value: ({ decided }) => sumText(decided) },
  { title: 'by', value: ({ by }) => by },
  { title: 'at', value: ({ at }) => at },
];
const OF_WINDOW: readonly Column<OfWindow>[] = [
  { title: 'decision', value: ({ decision }) => decision },
  { title: 'revision', value: ({ revision }) => revision, align: 'right' },
  { title: 'action', value: ({ action }) => action },
  { title: 'discrepancies', value: ({ discrepancies }) => count(discrepancies), align: 'right' },
  { title: 'rule', value: ({ rule }) => (rule ? `${rule.id}@${rule.version}` : '') },
  { title: 'by', value: ({ by }) => by },
  { title: 'outcome', value: ({ outcome }) => outcome },
  { title: 'at', value: ({ at }) => at },
];

function addShow(group: Command): void {
  group
    .command('list')
    .description('decisions of people, newest first')
    .option('--process <id>', 'only of this process')
    .option('--limit <n>', 'at most so many', wholeNumber(1), 100)
    .action(async ({ limit, ...query }: { limit: number; process?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(client.items<Decision>(PATH, query, limit), COLUMNS, 'there are no decisions');
    });
  group
    .command('of')
    .argument('<window>', 'id of the window')
    .description('what rules and people decided about a window, oldest first')
    .action(async (window: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const found = client.items<OfWindow>(`/v1/reconciliations/${segment(window)}/decisions`);
      await output.list(found, OF_WINDOW, 'nothing was decided about it');
    });
  group
    .command('show')
    .argument('<id>', 'id of the decision')
    .description('a decision and what became of it; ends with 1 when it was refused or lapsed')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const decision = await client.get<Decision>(`${PATH}/${segment(id)}`);
      output.document(decision, () => decisionText(decision));
      answerIs(!['refused', 'lapsed'].includes(decision.state));
    });
}

const sumText = (sum: Sum | null): string =>
  sum === null ? '' : `${count(sum.discrepancies)} in ${count(sum.windows)} windows`;

function decisionText(decision: Decision): string {
  const about = facts([
    ['decision', decision.id],
    ['action', decision.action],
    ['state', decision.state],
    ['about', JSON.stringify(decision.select)],
    ['found', sumText(decision.found)],
    ['decided', sumText(decision.decided)],
    ['reason', decision.reason],
    ['by', `${decision.by}, ${decision.at}`],
    ['approve by', decision.approveBy],
    ['expires', decision.expiresAt],
  ]);
  const story = decision.steps.map(
    ({ at, step, by, comment }) =>
      `  ${at}  ${step}${by === null ? '' : ` by ${by}`}${comment === null ? '' : `: ${comment}`}`,
  );
  return [about, '', 'story', ...story].join('\n');
}
