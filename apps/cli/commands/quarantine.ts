import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { ApiClient, Page } from '../api-client';
import { answerIs, contextOf, segment, wholeNumber } from '../context';
import { UsageError } from '../exit';
import { type Column, count, facts, table } from '../output';

interface Item {
  readonly item: string;
  readonly state: string;
  readonly code: string;
  readonly field: string;
  readonly source: string | null;
  readonly process: string | null;
  readonly type: string | null;
  readonly key: string | null;
  readonly owner: string | null;
  readonly assignee: string | null;
  readonly receivedAt: string;
  readonly ageSeconds: number;
  readonly became: string | null;
  readonly version: number;
}
interface Problem {
  readonly code: string;
  readonly field: string;
  readonly reason: string;
}
interface Details extends Item {
  readonly preview: unknown;
  readonly problem: Problem | null;
  readonly steps: readonly {
    readonly at: string;
    readonly step: string;
    readonly by: string;
    readonly assignee: string | null;
    readonly outcome: string | null;
    readonly problem: { readonly code: string; readonly field: string } | null;
    readonly reason: string | null;
  }[];
}
interface Patched {
  readonly dryRun: boolean;
  readonly mended: number;
  readonly stillBad: number;
  readonly inapplicable: number;
  readonly gone: number;
  readonly problems: readonly (Problem & { readonly item: string })[];
}
/** An answer about part of a selection: `next` is the cursor of the rest. */
type Part<T> = T & { readonly next?: string };
interface Replay {
  readonly id: string;
  readonly state: 'running' | 'done' | 'stopped';
  readonly released: number;
  readonly stillBad: number;
  readonly gone: number;
}

const PATH = '/v1/quarantine';
const LOOK_EVERY_MS = 300;

type Filter = Readonly<Record<string, string | undefined>>;
const FILTERS = ['state', 'owner', 'assignee', 'unassigned', 'source', 'process', 'type', 'code', 'field', 'text'];

/** Options that say which records are meant. */
function selecting(command: Command): Command {
  return command
    .option('--state <state>', 'open, patched, waiting (both of them), released or discarded')
    .option('--owner <owner>', 'of this owner')
    .option('--assignee <person>', 'assigned to this person')
    .option('--unassigned', 'assigned to nobody')
    .option('--source <source>', 'from this source')
    .option('--process <id>', 'of this process')
    .option('--type <type>', 'of this event type')
    .option('--code <code>', 'quarantined for this reason')
    .option('--field <path>', 'where this field, or one within it, is wrong')
    .option('--text <text>', 'that hold this text');
}

const filterOf = (options: Filter): Filter =>
  Object.fromEntries(FILTERS.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]));

function selectionOf(items: readonly string[], options: Filter): object {
  const filter = filterOf(options);
  if (items.length === 0 && Object.keys(filter).length === 0)
    throw new UsageError('name records, or say by options which are meant; --state waiting means all that wait');
  return { ...filter, ...(items.length > 0 && { items }) };
}

/** Does a request for all of its selection, a part at a time: as many parts as the answers say that there are. */
async function* parts<T>(client: ApiClient, path: string, body: object): AsyncGenerator<Part<T>> {
  let cursor: string | undefined;
  do {
    const answer: Part<T> = await client.post(`${PATH}/${path}`, { ...body, cursor });
    yield answer;
    cursor = answer.next;
  } while (cursor !== undefined);
}

/** How many records a request has changed, over all of its parts. */
async function sumOf(client: ApiClient, path: string, body: object): Promise<{ items: number }> {
  let items = 0;
  for await (const part of parts<{ items: number }>(client, path, body)) items += part.items;
  return { items };
}

export function addQuarantine(program: Command): void {
  const group = program
    .command('quarantine')
    .description('records that could not be taken in, until somebody mends or discards them');
  addList(group);
  addShow(group);
  addPatch(group);
  addReplay(group);
  group
    .command('queues')
    .description('what waits, by owner and reason')
    .option('--assignee <person>', 'what is assigned to this person')
    .option('--unassigned', 'what is assigned to nobody')
    .action(async ({ assignee, unassigned }: Filter, command: Command) => {
      const { client, output } = contextOf(command);
      type Queue = { owner: string | null; code: string; items: number; oldestAgeSeconds: number };
      const { queues } = await client.get<{ queues: Queue[] }>(`${PATH}/queues`, { assignee, unassigned });
      output.document({ queues }, () =>
        queues.length === 0
          ? 'nothing waits'
          : table(queues, [
              { title: 'owner', value: ({ owner }) => owner ?? '(nobody)' },
              { title: 'reason', value: ({ code }) => code },
              { title: 'records', value: ({ items }) => count(items), align: 'right' },
              { title: 'oldest', value: ({ oldestAgeSeconds }) => ageText(oldestAgeSeconds), align: 'right' },
            ]),
      );
    });
  selecting(group.command('assign').argument('[items...]', 'ids of records'))
    .requiredOption('--to <person>', "who looks after them; '' for nobody")
    .description('say who looks after records')
    .action(async (items: string[], options: Filter, command: Command) => {
      const { client, output } = contextOf(command);
      const body = { select: selectionOf(items, options), assignee: options['to'] };
      const done = await sumOf(client, 'assignments', body);
      output.document(done, () => `${count(done.items)} assigned`);
    });
  selecting(group.command('discard').argument('[items...]', 'ids of records'))
    .requiredOption('--reason <text>', 'why they are given up')
    .description('give records up: they count as rejected')
    .action(async (items: string[], options: Filter, command: Command) => {
      const { client, output } = contextOf(command);
      const body = { select: selectionOf(items, options), reason: options['reason'] };
      const done = await sumOf(client, 'discards', body);
      output.document(done, () => `${count(done.items)} discarded`);
    });
}

const COLUMNS: readonly Column<Item>[] = [
  { title: 'item', value: ({ item }) => item },
  { title: 'state', value: ({ state }) => state },
  { title: 'reason', value: ({ code }) => code },
  { title: 'field', value: ({ field }) => field },
  { title: 'source', value: ({ source }) => source },
  { title: 'type', value: ({ type }) => type },
  { title: 'owner', value: ({ owner }) => owner },
  { title: 'assignee', value: ({ assignee }) => assignee },
  { title: 'age', value: ({ ageSeconds }) => ageText(ageSeconds), align: 'right' },
];

function addList(group: Command): void {
  selecting(group.command('list'))
    .description('records in quarantine, oldest first')
    .option('--limit <n>', 'at most so many', wholeNumber(1), 100)
    .action(async (options: Filter & { limit: number }, command: Command) => {
      const { client, output } = contextOf(command);
      const found = search(client, filterOf(options), options.limit);
      await output.list(found, COLUMNS, 'no such record is in quarantine');
    });
}

async function* search(client: ApiClient, filter: Filter, most: number): AsyncGenerator<Item> {
  let left = most;
  for await (const page of parts<Page<Item>>(client, 'search', { ...filter, limit: Math.min(1_000, most) })) {
    yield* page.items.slice(0, left);
    left -= page.items.length;
    if (left <= 0) return;
  }
}

function addShow(group: Command): void {
  group
    .command('show')
    .argument('<item>', 'id of the record')
    .description('the form of a record, what stands against it, and what was done with it')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const found = await client.get<Details>(`${PATH}/${segment(id)}`);
      output.document(found, () => detailsText(found));
    });
}

function detailsText(found: Details): string {
  const { problem, steps, preview } = found;
  const story = steps.map(({ at, step, by, assignee, outcome, problem: why, reason }) =>
    [`  ${at}  ${step} by ${by}`, assignee && `to ${assignee}`, outcome, why && `${why.code} ${why.field}`, reason]
      .filter((part) => part !== null && part !== '')
      .join(', '),
  );
  return [
    facts([
      ['record', found.item],
      ['state', found.state],
      ['reason', `${found.code} ${found.field}`],
      ['source', found.source],
      ['process', found.process],
      ['type', found.type],
      ['key', found.key],
      ['owner', found.owner],
      ['assignee', found.assignee],
      ['received', `${found.receivedAt} (${ageText(found.ageSeconds)} ago)`],
      ['became', found.became],
      ['version', String(found.version)],
      ['now', problem ? `${problem.code}: ${problem.field} ${problem.reason}` : 'can be replayed'],
    ]),
    '',
    'what it holds',
    JSON.stringify(preview, null, 2).replaceAll(/^/gm, '  '),
    ...(story.length > 0 ? ['', 'story', ...story] : []),
  ].join('\n');
}

function addPatch(group: Command): void {
  selecting(group.command('patch').argument('[items...]', 'ids of records'))
    .requiredOption('--patch <file>', 'JSON Patch (RFC 6902) of the record as it was sent; - reads standard input')
    .option('--dry-run', 'say what would become of the records, and change nothing')
    .option('--on-version <n>', 'of one record: refuse when it was patched since it had this version', wholeNumber(0))
    .description('mend records; those that the patch leaves bad are not changed, and it ends with 1 then')
    .action(async (items: string[], options: Filter & PatchOptions, command: Command) => {
      const { client, output } = contextOf(command);
      const body = {
        select: selectionOf(items, options),
        patch: readPatch(options['patch']!),
        dryRun: options.dryRun === true,
        ...versionsOf(items, options),
      };
      let done: Patched | undefined;
      for await (const part of parts<Patched>(client, 'patches', body)) done = done ? together(done, part) : part;
      output.document(done!, () => patchedText(done!));
      answerIs(done!.stillBad + done!.inapplicable + done!.gone === 0);
    });
}

type PatchOptions = { readonly dryRun?: true; readonly onVersion?: number };

function versionsOf([item, ...others]: readonly string[], { onVersion }: PatchOptions): object {
  if (onVersion === undefined) return {};
  if (item === undefined || others.length > 0) throw new UsageError('--on-version is of one record, named by its id');
  return { versions: { [item]: onVersion } };
}

const together = (a: Patched, b: Patched): Patched => ({
  dryRun: a.dryRun,
  mended: a.mended + b.mended,
  stillBad: a.stillBad + b.stillBad,
  inapplicable: a.inapplicable + b.inapplicable,
  gone: a.gone + b.gone,
  problems: [...a.problems, ...b.problems].slice(0, MOST_NAMED),
});
const MOST_NAMED = 100;

function readPatch(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path === '-' ? 0 : path, 'utf8'));
  } catch {
    throw new UsageError(`${path} is no JSON that can be read`);
  }
}

function patchedText({ dryRun, mended, stillBad, inapplicable, gone, problems }: Patched): string {
  const sum = [
    `${count(mended)} ${dryRun ? 'would be mended' : 'mended'}, ${count(stillBad)} still bad`,
    `${count(inapplicable)} that the patch does not fit`,
    ...(gone > 0 ? [`${count(gone)} that have left`] : []),
  ].join(', ');
  if (problems.length === 0) return sum;
  const named = table(problems, [
    { title: 'item', value: ({ item }) => item },
    { title: 'code', value: ({ code }) => code },
    { title: 'field', value: ({ field }) => field },
    { title: 'reason', value: ({ reason }) => reason },
  ]);
  return `${sum}\n\n${named}`;
}

function addReplay(group: Command): void {
  selecting(group.command('replay').argument('[items...]', 'ids of records'))
    .option('--no-wait', 'return as soon as it has begun')
    .description('take records in again as they are now; ends with 1 when some are still bad')
    .action(async (items: string[], options: Filter & { wait: boolean }, command: Command) => {
      const { client, output } = contextOf(command, 'transfer');
      let replay: Replay = await client.post(`${PATH}/replays`, { select: selectionOf(items, options) });
      while (options.wait && replay.state === 'running') {
        await pause(LOOK_EVERY_MS);
        replay = await client.get(`${PATH}/replays/${segment(replay.id)}`);
      }
      output.document(replay, () => replayText(replay));
      answerIs(replay.stillBad === 0);
    });
  group
    .command('stop')
    .argument('<replay>', 'id of the replay')
    .description('end a replay after the page that is under way')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const replay: Replay = await client.post(`${PATH}/replays/${segment(id)}/stop`);
      output.document(replay, () => replayText(replay));
    });
}

const replayText = ({ id, state, released, stillBad, gone }: Replay): string =>
  `replay ${id} is ${state}: ${count(released)} released, ${count(stillBad)} still bad, ${count(gone)} had left before`;

function ageText(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
