import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { NamedDifference } from '@holdfast/domains/comparisons/core/told';
import { answerIs, contextOf, segment, wholeNumber, type CommandContext } from '../context';
import { applyFile, listDocuments, showDocument } from '../documents';
import { count, facts } from '../output';

const PATH = '/v1/comparisons';
const DEFINITIONS = '/v1/comparison-definitions';
const pathOf = (id: string): string => `${PATH}/${segment(id)}`;
const LOOK_EVERY_MS = 1_000;

interface Comparison {
  readonly id: string;
  readonly definition: string | null;
  readonly askedBy: string | null;
  readonly askedAt: string;
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  readonly counts: {
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
    readonly same: number;
  };
  readonly read: { readonly rows: number; readonly seconds: number };
  readonly result: {
    readonly isEqual: boolean;
    readonly partial: string | null;
    readonly how: { readonly method: string; readonly because: string };
  } | null;
  readonly failure: { readonly code: string; readonly detail: string } | null;
}
interface Definition {
  readonly id: string;
  readonly version: number;
  readonly owner: string;
  readonly source: { readonly kind: string; readonly connection: string };
  readonly target: { readonly kind: string; readonly connection: string };
}

export function addComparisons(program: Command): void {
  const group = program
    .command('comparisons')
    .description('data sets of other stores, compared by the worker and on schedule');
  applyFile(group, 'comparison');
  const definitions = group.command('definitions').description('what is compared, when, and who answers for it');
  listDocuments<Definition>(definitions, DEFINITIONS, 'definitions', [
    { title: 'id', value: ({ id }) => id },
    { title: 'version', value: ({ version }) => version, align: 'right' },
    { title: 'source', value: ({ source }) => `${source.kind} ${source.connection}` },
    { title: 'target', value: ({ target }) => `${target.kind} ${target.connection}` },
    { title: 'owner', value: ({ owner }) => owner },
  ]);
  showDocument(definitions, DEFINITIONS, 'comparison');
  addStart(group);
  addLooks(group);
}

function addStart(group: Command): void {
  group
    .command('start')
    .argument('<definition>', 'id of the definition')
    .description('compare its data sets now')
    .option('--watch', 'wait until it has ended; ends with 1 when they differ or not all was compared')
    .action(async (definition: string, { watch }: { watch?: true }, command: Command) => {
      const context = contextOf(command, 'transfer');
      const made = await context.client.post<Comparison>(PATH, { definition });
      if (watch) return follow(context, made);
      context.output.document(made, () => text(made));
    });
  group
    .command('stop')
    .argument('<id>', 'id of the comparison')
    .description('end it with what it has come to')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const found = await client.post<Comparison>(`${pathOf(id)}/stop`);
      output.document(found, () => text(found));
    });
}

function addLooks(group: Command): void {
  group
    .command('show')
    .argument('<id>', 'id of the comparison')
    .description('how far it is, or what it came to')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const found = await client.get<Comparison>(pathOf(id));
      output.document(found, () => text(found));
    });
  group
    .command('list')
    .description('comparisons, newest first')
    .option('--definition <id>', 'only of this definition')
    .option('--limit <n>', 'at most so many', wholeNumber(1), 100)
    .action(async ({ limit, ...query }: { definition?: string; limit: number }, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(
        client.items<Comparison>(PATH, query, limit),
        [
          { title: 'id', value: ({ id }) => id },
          { title: 'definition', value: ({ definition }) => definition },
          { title: 'asked', value: ({ askedAt }) => askedAt },
          { title: 'state', value: ({ state }) => state },
          { title: 'added', value: ({ counts }) => count(counts.added), align: 'right' },
          { title: 'removed', value: ({ counts }) => count(counts.removed), align: 'right' },
          { title: 'changed', value: ({ counts }) => count(counts.changed), align: 'right' },
          { title: 'same', value: ({ counts }) => count(counts.same), align: 'right' },
        ],
        'there are none',
      );
    });
  group
    .command('differences')
    .argument('<id>', 'id of the comparison')
    .description('what differs, in the order in which it was found')
    .option('--limit <n>', 'at most so many', wholeNumber(1), 1_000)
    .action(async (id: string, { limit }: { limit: number }, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(
        client.items<NamedDifference>(`${pathOf(id)}/differences`, {}, limit),
        [
          { title: 'is', value: ({ is }) => is },
          { title: 'key', value: ({ key }) => valuesOf(key) },
          { title: 'source', value: ({ source, columns }) => source && valuesOf(source, columns) },
          { title: 'target', value: ({ target, columns }) => target && valuesOf(target, columns) },
        ],
        'nothing differs, as far as it was compared',
      );
    });
}

/** @param only names that are shown; all where there are none */
const valuesOf = (row: NamedDifference['key'], only: readonly string[] = []): string =>
  Object.entries(row)
    .filter(([name]) => only.length === 0 || only.includes(name))
    .map(([name, value]) => `${name}=${value ?? 'NULL'}`)
    .join(' ');

async function follow({ client, output }: CommandContext, begun: Comparison): Promise<void> {
  let found = begun;
  for (let told = -1; found.state === 'running'; found = await client.get<Comparison>(pathOf(begun.id))) {
    if (found.read.rows !== told && !output.isJson) output.note(`${count(found.read.rows)} rows compared`);
    told = found.read.rows;
    await pause(LOOK_EVERY_MS);
  }
  output.document(found, () => text(found));
  answerIs(found.result?.isEqual === true);
}

const text = ({ id, definition, state, counts, read, result, failure }: Comparison): string =>
  facts([
    ['comparison', id],
    ['definition', definition],
    ['state', state],
    ['same', count(counts.same)],
    ['added', count(counts.added)],
    ['removed', count(counts.removed)],
    ['changed', count(counts.changed)],
    ['rows', `${count(read.rows)} in ${read.seconds.toFixed(1)} s`],
    ['partial', result?.partial && `the budget of ${result.partial} was used up: this is not all`],
    ['how', result && `${result.how.method}: ${result.how.because}`],
    ['failure', failure && `${failure.detail} (${failure.code})`],
  ]);
