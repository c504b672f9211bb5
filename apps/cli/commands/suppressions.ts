import type { Command } from 'commander';
import { contextOf, segment } from '../context';
import { applyFile, listDocuments, readDocuments, showDocument } from '../documents';
import { UsageError } from '../exit';
import type { Column } from '../output';

interface Matcher {
  readonly label: string;
  readonly op: string;
  readonly value: string;
}
interface Window {
  readonly id: string;
  readonly version: number;
  readonly enabled: boolean;
  readonly reason: string;
  readonly owner: string;
  readonly matchers: readonly Matcher[];
  readonly when: { readonly kind: string; readonly to?: string };
}
interface Inhibition {
  readonly id: string;
  readonly enabled: boolean;
  readonly source: readonly Matcher[];
  readonly target: readonly Matcher[];
  readonly equal: readonly string[];
}
interface Flapping {
  readonly id: string;
  readonly enabled: boolean;
  readonly matchers: readonly Matcher[];
  readonly raises: number;
  readonly withinSeconds: number;
  readonly calmSeconds: number;
}
interface Active {
  readonly id: string;
  readonly kind: string;
  readonly since: string;
  readonly until: string | null;
  readonly change: string | null;
  readonly reason: string;
}
interface Occurrence {
  readonly from: string;
  readonly to: string;
  readonly change: string | null;
}

const PATH = '/v1/suppression-windows';
const DAY_MS = 86_400_000;
/** How far ahead a preview looks unless told. */
const AHEAD_DAYS = 90;

const texts = (matchers: readonly Matcher[]): string =>
  matchers.map(({ label, op, value }) => `${label}${op}${value}`).join(' ');
const ACTIVE: readonly Column<Active>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'kind', value: ({ kind }) => kind },
  { title: 'since', value: ({ since }) => since },
  { title: 'until', value: ({ until }) => until ?? '(the change ends)' },
  { title: 'change', value: ({ change }) => change },
  { title: 'reason', value: ({ reason }) => reason },
];
const OCCURRENCES: readonly Column<Occurrence>[] = [
  { title: 'from', value: ({ from }) => from },
  { title: 'to', value: ({ to }) => to },
  { title: 'change', value: ({ change }) => change },
];
const yesOrNo = ({ enabled }: { readonly enabled: boolean }): string => (enabled ? 'yes' : 'no');

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

export function addSuppressions(program: Command): void {
  const group = program.command('suppressions').description('what keeps notifications back, and when');
  applyFile(group, 'suppression-window');
  listDocuments<Window>(group, PATH, 'suppression windows', [
    { title: 'id', value: ({ id }) => id },
    { title: 'enabled', value: yesOrNo },
    { title: 'when', value: ({ when }) => when.kind },
    { title: 'mutes', value: ({ matchers }) => texts(matchers) },
    { title: 'owner', value: ({ owner }) => owner },
    { title: 'reason', value: ({ reason }) => reason },
  ]);
  showDocument(group, PATH, 'suppression-window');
  addWindows(group);
  const inhibitions = group.command('inhibitions').description('alerts that mute others while they are open');
  listDocuments<Inhibition>(inhibitions, '/v1/inhibition-rules', 'inhibition rules', [
    { title: 'id', value: ({ id }) => id },
    { title: 'enabled', value: yesOrNo },
    { title: 'source', value: ({ source }) => texts(source) },
    { title: 'target', value: ({ target }) => texts(target) },
    { title: 'equal', value: ({ equal }) => equal.join(' ') },
  ]);
  showDocument(inhibitions, '/v1/inhibition-rules', 'inhibition-rule');
  const flapping = group.command('flapping').description('alerts that come and go are muted until they stay');
  listDocuments<Flapping>(flapping, '/v1/flapping-rules', 'flapping rules', [
    { title: 'id', value: ({ id }) => id },
    { title: 'enabled', value: yesOrNo },
    { title: 'mutes', value: ({ matchers }) => texts(matchers) },
    { title: 'raises', value: ({ raises }) => raises, align: 'right' },
    { title: 'within', value: ({ withinSeconds }) => `${withinSeconds} s`, align: 'right' },
    { title: 'calm', value: ({ calmSeconds }) => `${calmSeconds} s`, align: 'right' },
  ]);
  showDocument(flapping, '/v1/flapping-rules', 'flapping-rule');
}

function addWindows(group: Command): void {
  group
    .command('active')
    .description('windows that mute now, or then')
    .option('--at <time>', 'RFC 3339')
    .action(async ({ at }: { at?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const { items } = await client.get<{ items: Active[] }>(`${PATH}/active`, { at });
      await output.list(each(items), ACTIVE, 'nothing is muted');
    });
  group
    .command('preview')
    .argument('[id]', 'id of a window; else --file')
    .description('when a window mutes, or would')
    .option('--file <file>', 'a window as `apply` takes it; nothing is stored')
    .option('--from <time>', 'RFC 3339; now where not given')
    .option('--to <time>', `RFC 3339; ${AHEAD_DAYS} days later where not given`)
    .action(
      async (id: string | undefined, options: { file?: string; from?: string; to?: string }, command: Command) => {
        const { client, output } = contextOf(command);
        const { from = new Date().toISOString() } = options;
        const begins = Date.parse(from);
        const to = new Date((Number.isNaN(begins) ? Date.now() : begins) + AHEAD_DAYS * DAY_MS).toISOString();
        const asked = { ...windowOf(id, options.file), from, to: options.to ?? to };
        const found = await client.post<{ occurrences: Occurrence[]; complete: boolean }>(`${PATH}/preview`, asked);
        await output.list(each(found.occurrences), OCCURRENCES, 'it mutes nothing then');
      },
    );
  group
    .command('end')
    .argument('<id>')
    .description('end a one-off window that is going on')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const ended = await client.post<Window>(`${PATH}/${segment(id)}/end`);
      output.document(ended, () => `${ended.id} ended at ${ended.when.to}`);
    });
}

function windowOf(id: string | undefined, file: string | undefined): { id: string } | { definition: object } {
  if (file === undefined) {
    if (id === undefined) throw new UsageError('name a window, or a file with --file');
    return { id };
  }
  const [document, more] = readDocuments(file, 'suppression-window');
  if (id !== undefined || more || document?.kind !== 'suppression-window')
    throw new UsageError('--file takes a file with one suppression window, and no id besides');
  return { definition: document.body };
}
