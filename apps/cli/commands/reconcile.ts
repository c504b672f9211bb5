import { InvalidArgumentError, Option, type Command } from 'commander';
import { answerIs, contextOf, segment, wholeNumber, type CommandContext } from '../context';
import { UsageError } from '../exit';
import { count, facts, type Column } from '../output';
import { addBackfill } from './reconcile-backfill';
import { addExplain } from './reconcile-explain';
import * as views from '../views';
import { watchWindow } from '../watch-window';

const PATH = '/v1/reconciliations';
const pathOf = (id: string): string => `${PATH}/${segment(id)}`;
const STATES = ['waiting', 'matched', 'gaps', 'healed', 'accepted', 'cancelled'];
const KINDS = ['missing', 'duplicate', 'mutated', 'late', 'orphan', 'undecided'];

export function addReconcile(program: Command): void {
  const group = program
    .command('reconcile')
    .description('windows: a process over a time span, and whether its stages agree');
  addStart(group);
  addWatch(group);
  addShow(group);
  addDiscrepancies(group);
  addJudge(group);
  addCancel(group);
  addAccept(group);
  addExplain(group);
  addBackfill(group);
}

function addStart(group: Command): void {
  group
    .command('start')
    .argument('<process>', 'id of the process')
    .description('open a window [from, to); one that is there already is shown as it is')
    .addOption(new Option('--from <time>', 'RFC 3339, a whole minute').makeOptionMandatory())
    .addOption(new Option('--to <time>', 'RFC 3339, a whole minute').makeOptionMandatory())
    .option('--watch', 'go on as `reconcile watch` does')
    .action(async (process: string, options: { from: string; to: string; watch?: true }, command: Command) => {
      const context = contextOf(command, 'transfer');
      const { from, to } = options;
      const made = await context.client.post<{ readonly id: string; readonly isNew: boolean }>(PATH, {
        process,
        from,
        to,
      });
      if (options.watch) return watch(context, made.id, false);
      context.output.document(made, () => `${made.id}${made.isNew ? '' : ' (was there already)'}`);
    });
}

function addWatch(group: Command): void {
  group
    .command('watch')
    .argument('<id>', 'id of the window')
    .description('follow a window until it is judged; ends with 1 when it has gaps or was cancelled')
    .option('--until-closed', 'a window with gaps is followed until it heals, is accepted or cancelled')
    .action((id: string, { untilClosed }: { untilClosed?: true }, command: Command) =>
      watch(contextOf(command, 'transfer'), id, untilClosed === true),
    );
}

async function watch({ client, output }: CommandContext, id: string, untilClosed: boolean): Promise<void> {
  const window = await watchWindow(client, id, {
    until: ({ state }) => (untilClosed ? views.isClosed(state) : views.isJudged(state)),
    onStep: (step) => {
      if (!output.isJson) output.note(`${step.at}  ${views.storyText(step)}`);
    },
  });
  output.document(window, () => windowText(window));
  answerIs(views.isGood(window.state));
}

function windowText(window: views.Reconciliation): string {
  const { verdict } = window;
  return facts([
    ['window', window.id],
    ['process', window.process],
    ['from', window.from],
    ['to', window.to],
    ['state', window.state],
    ['deadline', views.isJudged(window.state) ? null : window.deadline],
    ['revision', verdict && `${verdict.revision}, judged at ${verdict.judgedAt} by ${verdict.depth}`],
    [
      'events',
      verdict &&
        Object.entries(verdict.events)
          .map(([stage, n]) => `${stage} ${count(n)}`)
          .join(', '),
    ],
    ['discrepancies', verdict && views.kindsText(verdict.discrepancies)],
    ['open', verdict?.open],
    ['accepted', verdict?.accepted],
    ['alert', window.alert],
  ]);
}

function addShow(group: Command): void {
  group
    .command('show')
    .argument('<id>', 'id of the window')
    .description('the window with its newest verdict and its story')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const window = await client.get<views.Reconciliation>(pathOf(id));
      output.document(window, () => {
        const story = window.story.map((step) => `  ${step.at}  ${views.storyText(step)}`);
        return [windowText(window), '', 'story', ...story].join('\n');
      });
    });
  group
    .command('list')
    .description('windows, newest first')
    .option('--process <id>', 'only of this process')
    .addOption(new Option('--state <state>', 'only in this state').choices(STATES))
    .option('--limit <n>', 'at most so many', wholeNumber(1), 100)
    .action(async ({ limit, ...query }: { process?: string; state?: string; limit: number }, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(client.items<views.WindowRow>(PATH, query, limit), WINDOW_COLUMNS, 'there are no windows');
    });
  group
    .command('revisions')
    .argument('<id>', 'id of the window')
    .description('all verdicts of a window, newest first')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const revisions = client.items<views.Revision>(`${pathOf(id)}/revisions`);
      await output.list(revisions, REVISION_COLUMNS, 'the window was not judged yet');
    });
}

const WINDOW_COLUMNS: readonly Column<views.WindowRow>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'state', value: ({ state }) => state },
  { title: 'revision', value: ({ revision }) => revision, align: 'right' },
  { title: 'opened at', value: ({ openedAt }) => openedAt },
  { title: 'by', value: ({ openedBy }) => openedBy ?? '(schedule)' },
];
const REVISION_COLUMNS: readonly Column<views.Revision>[] = [
  { title: 'revision', value: ({ revision }) => revision, align: 'right' },
  { title: 'state', value: ({ state }) => state },
  { title: 'open', value: ({ open }) => open, align: 'right' },
  { title: 'accepted', value: ({ accepted }) => accepted, align: 'right' },
  { title: 'discrepancies', value: ({ discrepancies }) => views.kindsText(discrepancies) },
  { title: 'judged at', value: ({ judgedAt }) => judgedAt },
  { title: 'compared', value: ({ depth }) => `by ${depth}` },
];

function addDiscrepancies(group: Command): void {
  group
    .command('discrepancies')
    .argument('<id>', 'id of the window')
    .description('what does not agree, by key')
    .addOption(new Option('--kind <kind>', 'only of this kind').choices(KINDS))
    .option('--stage <stage>', 'only found at this stage')
    .option('--hop <hop>', 'only on this hop, such as shop->hub')
    .addOption(
      new Option('--rank <rank>', 'only where a field of this rank differs').choices(['critical', 'major', 'minor']),
    )
    .option('--business-key <key>', 'only of this key')
    .addOption(new Option('--status <status>', 'only of this status').choices(['open', 'accepted']))
    .option('--revision <n>', 'of this verdict (default: the newest)', wholeNumber(1))
    .option('--limit <n>', 'at most so many', wholeNumber(1), 1000)
    .action(
      async (
        id: string,
        { limit, businessKey: key, ...rest }: { limit: number } & Record<string, string | number>,
        command: Command,
      ) => {
        const { client, output } = contextOf(command);
        const found = client.items<views.Discrepancy>(`${pathOf(id)}/discrepancies`, { ...rest, key }, limit);
        await output.list(
          found,
          [
            { title: 'key', value: ({ key }) => key },
            { title: 'kind', value: ({ kind }) => kind },
            { title: 'hop', value: ({ hop }) => hop },
            { title: 'field', value: ({ field }) => field },
            { title: 'expected', value: ({ expected }) => expected },
            { title: 'found', value: ({ found }) => found },
            { title: 'status', value: ({ status }) => status },
          ],
          'there are none',
        );
      },
    );
}

function addJudge(group: Command): void {
  group
    .command('judge')
    .argument('<id>', 'id of the window')
    .description('judge a window again, a closed one too')
    .option('--watch', 'wait for the new verdict; ends with 1 when it has gaps')
    .action(async (id: string, { watch: follow }: { watch?: true }, command: Command) => {
      const context = contextOf(command, 'transfer');
      const { client, output } = context;
      const before = await client.get<views.Reconciliation>(pathOf(id));
      await client.post(`${pathOf(id)}/judge`);
      if (!follow) {
        output.document({ id }, () => `${id} will be judged again`);
        return;
      }
      const after = await watchWindow(client, id, {
        until: ({ state, revision }) => revision > before.revision && views.isJudged(state),
      });
      output.document(after, () => windowText(after));
      answerIs(views.isGood(after.state));
    });
}

function addCancel(group: Command): void {
  group
    .command('cancel')
    .argument('<id>', 'id of the window')
    .description('end a window as it is')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      await client.post(`${pathOf(id)}/cancel`);
      output.document({ id }, () => `${id} is being closed`);
    });
}

interface Selected {
  readonly key: string;
  readonly stage: string;
  readonly kind: string;
}

/** `KEY,STAGE,KIND`; the key itself may hold commas. */
function selected(text: string, before: readonly Selected[] = []): readonly Selected[] {
  const parts = text.split(',');
  const [kind, stage] = [parts.pop() ?? '', parts.pop() ?? ''];
  const key = parts.join(',');
  if (key === '' || stage === '') throw new InvalidArgumentError('must be KEY,STAGE,KIND');
  return [...before, { key, stage, kind }];
}

function addAccept(group: Command): void {
  group
    .command('accept')
    .argument('<id>', 'id of the window')
    .description('accept discrepancies with a reason, which is kept; ends with 1 when others stay open')
    .addOption(new Option('--reason <text>', 'why they are all right').makeOptionMandatory())
    .option('--all', 'all that are open')
    .option('--discrepancy <key,stage,kind>', 'one of them; may be given several times', selected)
    .action(
      async (
        id: string,
        options: { reason: string; all?: true; discrepancy?: readonly Selected[] },
        command: Command,
      ) => {
        const { client, output } = contextOf(command);
        const { reason, all, discrepancy: discrepancies } = options;
        if ((all === undefined) === (discrepancies === undefined))
          throw new UsageError('give either --all or --discrepancy');
        const verdict = await client.post<{ readonly state: string; readonly revision: number; readonly open: number }>(
          `${pathOf(id)}/acceptances`,
          { reason, ...(all && { all }), ...(discrepancies && { discrepancies }) },
        );
        output.document(verdict, () => `${verdict.state}, revision ${verdict.revision}: ${verdict.open} open`);
        answerIs(verdict.open === 0);
      },
    );
}
