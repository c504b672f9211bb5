import type { Command } from 'commander';
import { answerIs, contextOf, segment, wholeNumber } from '../context';
import { applyFile, listDocuments, showDocument } from '../documents';
import { type Column, count, facts } from '../output';

interface Objective {
  readonly id: string;
  readonly version: number;
  readonly process: string;
  readonly promised: { readonly kind: string };
  readonly target: number;
  readonly owner: string;
  readonly enabled: boolean;
}
interface Evaluation {
  readonly objective: string;
  readonly evaluatedAt: string;
  readonly dimension: string;
  readonly state: string;
  readonly reason: string | null;
  readonly covers: { readonly from: string; readonly to: string };
  readonly asOf: string;
  readonly numerator: number;
  readonly denominator: number;
  readonly unit: string;
  readonly ratio: number | null;
  readonly target: number;
  readonly errorBudgetLeft: number | null;
  readonly burnRate: number | null;
  readonly projectedBreach: { readonly at: string; readonly method: string } | null;
  readonly newestAt: string | null;
}

const PATH = '/v1/objectives';
const percent = (share: number | null): string | undefined =>
  share === null ? undefined : `${Number((share * 100).toFixed(4))}%`;
const rounded = (value: number | null): string | undefined => value?.toFixed(2);

const COLUMNS: readonly Column<Evaluation>[] = [
  { title: 'evaluated at', value: ({ evaluatedAt }) => evaluatedAt },
  { title: 'state', value: ({ state }) => state },
  { title: 'good', value: ({ numerator }) => count(numerator), align: 'right' },
  { title: 'of', value: ({ denominator }) => count(denominator), align: 'right' },
  { title: 'ratio', value: ({ ratio }) => percent(ratio), align: 'right' },
  { title: 'budget left', value: ({ errorBudgetLeft }) => percent(errorBudgetLeft), align: 'right' },
  { title: 'burn rate', value: ({ burnRate }) => rounded(burnRate), align: 'right' },
  { title: 'breach projected', value: ({ projectedBreach }) => projectedBreach?.at },
];

export function addObjectives(program: Command): void {
  const group = program.command('objectives').description('what is promised of processes, and whether it is kept');
  applyFile(group, 'objective');
  listDocuments<Objective>(group, PATH, 'objectives', [
    { title: 'id', value: ({ id }) => id },
    { title: 'version', value: ({ version }) => version, align: 'right' },
    { title: 'process', value: ({ process }) => process },
    { title: 'promised', value: ({ promised }) => promised.kind },
    { title: 'target', value: ({ target }) => percent(target), align: 'right' },
    { title: 'owner', value: ({ owner }) => owner },
    { title: 'enabled', value: ({ enabled }) => enabled },
  ]);
  showDocument(group, PATH, 'objective');
  group
    .command('evaluations')
    .argument('<id>', 'id of the objective')
    .description('what it was found to be, newest first')
    .option('--limit <n>', 'at most so many', wholeNumber(1), 20)
    .action(async (id: string, { limit }: { limit: number }, command: Command) => {
      const { client, output } = contextOf(command);
      const found = client.items<Evaluation>(`${PATH}/${segment(id)}/evaluations`, {}, limit);
      await output.list(found, COLUMNS, 'it was never evaluated');
    });
  group
    .command('evaluate')
    .argument('<id>', 'id of the objective')
    .description('evaluate it now; ends with 1 unless it is met')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command, 'transfer');
      const found = await client.post<Evaluation>(`${PATH}/${segment(id)}/evaluate`);
      output.document(found, () => evaluationText(found));
      answerIs(found.state === 'met');
    });
}

function evaluationText(one: Evaluation): string {
  return facts([
    ['objective', `${one.objective}, ${one.dimension}`],
    ['state', one.reason === null ? one.state : `${one.state}: ${one.reason}`],
    ['ratio', percent(one.ratio)],
    ['target', percent(one.target)],
    ['counted', `${count(one.numerator)} of ${count(one.denominator)} ${one.unit}`],
    ['covers', `${one.covers.from} to ${one.covers.to}`],
    ['as of', one.asOf],
    ['budget left', percent(one.errorBudgetLeft)],
    ['burn rate', rounded(one.burnRate)],
    ['breach projected', one.projectedBreach && `${one.projectedBreach.at} (${one.projectedBreach.method})`],
    ['newest', one.newestAt],
  ]);
}
