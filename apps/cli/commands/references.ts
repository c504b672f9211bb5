import type { Command } from 'commander';
import { contextOf, segment, wholeNumber } from '../context';
import { applyFile, listDocuments, showDocument } from '../documents';
import { type Column, count } from '../output';

interface Reference {
  readonly id: string;
  readonly version: number;
  readonly process: string;
  readonly stage: string;
  readonly business:
    | { readonly kind: 'stage'; readonly process: string; readonly stage: string }
    | {
        readonly kind: 'data-set';
        readonly dataSet: { readonly connection: string; readonly kind: string };
        readonly key: string;
      };
  readonly owner: string;
  readonly enabled: boolean;
}
interface Side {
  readonly keys: number;
  readonly orphans: number;
  readonly examples: readonly string[];
}
interface Check {
  readonly checkedAt: string;
  readonly covers: { readonly from: string; readonly to: string };
  readonly tracking: Side;
  readonly business: Side;
  readonly failure: { readonly code: string; readonly detail: string } | null;
}

const PATH = '/v1/references';
const shown = ({ examples, orphans }: Side): string => examples.slice(0, 3).join(', ') + (orphans > 3 ? ', ...' : '');
const businessShown = (business: Reference['business']): string =>
  business.kind === 'stage'
    ? `${business.process}/${business.stage}`
    : `${business.dataSet.kind} ${business.dataSet.connection}, ${business.key}`;
const COLUMNS: readonly Column<Check>[] = [
  { title: 'checked at', value: ({ checkedAt }) => checkedAt },
  { title: 'tracked', value: ({ tracking }) => count(tracking.keys), align: 'right' },
  { title: 'orphans', value: ({ tracking }) => count(tracking.orphans), align: 'right' },
  { title: 'such as', value: ({ tracking }) => shown(tracking) },
  { title: 'business', value: ({ business }) => count(business.keys), align: 'right' },
  { title: 'orphans', value: ({ business }) => count(business.orphans), align: 'right' },
  { title: 'such as', value: ({ business }) => shown(business) },
  { title: 'failed', value: ({ failure }) => failure?.detail ?? '' },
];

export function addReferences(program: Command): void {
  const group = program
    .command('references')
    .description('keys that have to be in business data too, and the other way round');
  applyFile(group, 'reference');
  listDocuments<Reference>(group, PATH, 'references', [
    { title: 'id', value: ({ id }) => id },
    { title: 'version', value: ({ version }) => version, align: 'right' },
    { title: 'tracked', value: ({ process, stage }) => `${process}/${stage}` },
    { title: 'business', value: ({ business }) => businessShown(business) },
    { title: 'owner', value: ({ owner }) => owner },
    { title: 'enabled', value: ({ enabled }) => enabled },
  ]);
  showDocument(group, PATH, 'reference');
  group
    .command('checks')
    .argument('<id>', 'id of the reference')
    .description('what came of checking it, newest first')
    .option('--limit <n>', 'at most so many', wholeNumber(1), 20)
    .action(async (id: string, { limit }: { limit: number }, command: Command) => {
      const { client, output } = contextOf(command);
      const found = client.items<Check>(`${PATH}/${segment(id)}/checks`, {}, limit);
      await output.list(found, COLUMNS, 'it was never checked');
    });
  group
    .command('check')
    .argument('<id>', 'id of the reference')
    .description('have it checked now; `checks` shows what comes of it')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const started = await client.post<{ readonly isNew: boolean }>(`${PATH}/${segment(id)}/check`);
      output.document(started, () => `${id} is being checked${started.isNew ? '' : ' already'}`);
    });
}
