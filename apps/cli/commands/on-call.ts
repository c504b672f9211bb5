import type { Command } from 'commander';
import { answerIs, contextOf, segment } from '../context';
import { applyFile, listDocuments, showDocument } from '../documents';
import { type Column, table } from '../output';

interface OnCall {
  readonly schedule: string;
  readonly at: string;
  readonly person: string | null;
  readonly until: string | null;
  readonly next: string | null;
  readonly layer: string | null;
  readonly override: string | null;
}
interface Span {
  readonly from: string;
  readonly to: string;
}
interface Shift extends Span {
  readonly person: string;
}
interface Override extends Shift {
  readonly id: string;
  readonly schedule: string;
  readonly by: string;
  readonly reason: string;
  readonly withdrawn: { readonly by: string; readonly at: string } | null;
}
interface Share {
  readonly person: string;
  readonly shifts: number;
  readonly total: number;
  readonly business: number;
  readonly off: number;
  readonly sleep: number;
  readonly weekend: number;
}
interface Fairness extends Span {
  readonly items: readonly Share[];
  readonly gapSeconds: number;
}
type Bounds = Partial<Span>;

const PATH = '/v1/on-call-schedules';
const DAY_MS = 86_400_000;
/** How far ahead shifts, gaps and fairness look unless told. */
const AHEAD_DAYS = 14;

const hours = (seconds: number): string => (seconds / 3_600).toFixed(2);
const WHO: readonly Column<OnCall>[] = [
  { title: 'schedule', value: ({ schedule }) => schedule },
  { title: 'person', value: ({ person }) => person ?? '(nobody)' },
  { title: 'until', value: ({ until }) => until },
  { title: 'then', value: ({ until, next }) => (until === null ? '' : (next ?? '(nobody)')) },
  { title: 'by', value: ({ layer, override }) => (override === null ? layer : 'override') },
];
const SPANS: readonly Column<Span>[] = [
  { title: 'from', value: ({ from }) => from },
  { title: 'to', value: ({ to }) => to },
];
const SHIFTS: readonly Column<Shift>[] = [...SPANS, { title: 'person', value: ({ person }) => person }];
const OVERRIDES: readonly Column<Override>[] = [
  { title: 'id', value: ({ id }) => id },
  ...SHIFTS,
  { title: 'by', value: ({ by }) => by },
  { title: 'withdrawn', value: ({ withdrawn }) => withdrawn?.at },
  { title: 'reason', value: ({ reason }) => reason },
];
const SHARES: readonly Column<Share>[] = [
  { title: 'person', value: ({ person }) => person },
  { title: 'shifts', value: ({ shifts }) => shifts, align: 'right' },
  { title: 'hours', value: ({ total }) => hours(total), align: 'right' },
  { title: 'business', value: ({ business }) => hours(business), align: 'right' },
  { title: 'off', value: ({ off }) => hours(off), align: 'right' },
  { title: 'sleep', value: ({ sleep }) => hours(sleep), align: 'right' },
  { title: 'weekend', value: ({ weekend }) => hours(weekend), align: 'right' },
];

/** What is asked for; from now on, and two weeks, where it is not said. */
function spanOf({ from = secondOf(Date.now()), to }: Bounds): Span {
  const begins = Date.parse(from);
  return { from, to: to ?? secondOf((Number.isNaN(begins) ? Date.now() : begins) + AHEAD_DAYS * DAY_MS) };
}
const secondOf = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z/, 'Z');

export function addOnCall(program: Command): void {
  const group = program.command('on-call').description('who is on call, was and will be; who takes over');
  applyFile(group, 'on-call-schedule');
  listDocuments<{ id: string; version: number; zone: string; owner: string; layers: { name: string }[] }>(
    group,
    PATH,
    'on-call schedules',
    [
      { title: 'id', value: ({ id }) => id },
      { title: 'version', value: ({ version }) => version, align: 'right' },
      { title: 'zone', value: ({ zone }) => zone },
      { title: 'layers', value: ({ layers }) => layers.map(({ name }) => name).join(' < ') },
      { title: 'owner', value: ({ owner }) => owner },
    ],
  );
  showDocument(group, PATH, 'on-call-schedule');
  addWho(group);
  addSpans(group);
  addOverrides(group);
}

function addWho(group: Command): void {
  const who = async (at: string | undefined, { schedule }: { schedule?: string }, command: Command): Promise<void> => {
    const { client, output } = contextOf(command);
    await output.list(client.items<OnCall>('/v1/on-call', { at, schedule }), WHO, 'there are no on-call schedules');
  };
  group
    .command('now')
    .description('who is on call, by schedule')
    .option('--schedule <id>', 'only of this schedule')
    .action((options: { schedule?: string }, command: Command) => who(undefined, options, command));
  group
    .command('at')
    .argument('<time>', 'RFC 3339, whole seconds')
    .description('who is, was or will be on call then')
    .option('--schedule <id>', 'only of this schedule')
    .action((at: string, options: { schedule?: string }, command: Command) => who(at, options, command));
}

const between = (command: Command): Command =>
  command
    .option('--from <time>', 'RFC 3339, whole seconds; now where not given')
    .option('--to <time>', `RFC 3339, whole seconds; ${AHEAD_DAYS} days later where not given`);

function addSpans(group: Command): void {
  const asked = (name: string, description: string): Command =>
    between(group.command(name).argument('<schedule>', 'id of the schedule').description(description));
  asked('shifts', 'who has which part of a span').action(async (id: string, bounds: Bounds, command: Command) => {
    const { client, output } = contextOf(command);
    const { items } = await client.get<{ items: Shift[] }>(`${PATH}/${segment(id)}/shifts`, { ...spanOf(bounds) });
    await output.list(each(items), SHIFTS, 'nobody is on call');
  });
  asked('gaps', 'the parts of a span that nobody has; ends with 1 when there are any').action(
    async (id: string, bounds: Bounds, command: Command) => {
      const { client, output } = contextOf(command);
      const { items } = await client.get<{ items: Span[] }>(`${PATH}/${segment(id)}/gaps`, { ...spanOf(bounds) });
      await output.list(each(items), SPANS, 'there are no gaps');
      answerIs(items.length === 0);
    },
  );
  asked('fairness', "hours of each person by business, off, sleep and weekend in the person's own zone").action(
    async (id: string, bounds: Bounds, command: Command) => {
      const { client, output } = contextOf(command);
      const found = await client.get<Fairness>(`${PATH}/${segment(id)}/fairness`, { ...spanOf(bounds) });
      output.document(found, () => `${table(found.items, SHARES)}\nnobody: ${hours(found.gapSeconds)} hours`);
    },
  );
  group
    .command('calendar')
    .argument('<schedule>', 'id of the schedule')
    .description('the schedule as iCalendar, for a file that calendars import')
    .option('--from <time>', 'RFC 3339, whole seconds; 30 days ago where not given')
    .option('--to <time>', 'RFC 3339, whole seconds; 150 days later where not given')
    .action(async (id: string, bounds: Bounds, command: Command) => {
      const { client, output } = contextOf(command);
      const calendar = await client.get<string>(`${PATH}/${segment(id)}/calendar.ics`, { ...bounds });
      if (output.isJson) output.document({ calendar }, () => '');
      else await output.text(calendar);
    });
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

function addOverrides(group: Command): void {
  group
    .command('override')
    .argument('<schedule>', 'id of the schedule')
    .description('have somebody take over, whoever has it otherwise')
    .requiredOption('--person <id>', 'who takes over')
    .option('--from <time>', 'RFC 3339, whole seconds; now where not given')
    .requiredOption('--to <time>', 'RFC 3339, whole seconds')
    .requiredOption('--reason <text>', 'why')
    .action(async (id: string, taken: Omit<Shift, 'from'> & Bounds & { reason: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const made = await client.post<Override>(`${PATH}/${segment(id)}/overrides`, taken);
      output.document(made, () => `${made.person} has ${id} from ${made.from} to ${made.to}: override ${made.id}`);
    });
  group
    .command('overrides')
    .argument('<schedule>', 'id of the schedule')
    .description('who took over, the last made first')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const found = client.items<Override>(`${PATH}/${segment(id)}/overrides`);
      await output.list(found, OVERRIDES, 'nobody took over');
    });
  group
    .command('withdraw')
    .argument('<schedule>', 'id of the schedule')
    .argument('<override>', 'id of the override')
    .description('end an override; what of it is over stays as it was')
    .action(async (id: string, override: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const path = `${PATH}/${segment(id)}/overrides/${segment(override)}/withdraw`;
      const found = await client.post<Override>(path);
      output.document(found, () => `withdrawn at ${found.withdrawn!.at}`);
    });
}
