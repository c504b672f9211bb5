import type { Command } from 'commander';
import { answerIs, contextOf, segment } from '../context';
import { applyFile, listDocuments, readDocuments, showDocument } from '../documents';
import { table } from '../output';

interface Contract {
  readonly id: string;
  readonly version: number;
  readonly owner: string;
  readonly steward?: string;
  readonly enforcement: string;
  readonly compatibility: string;
  readonly changedAt: string;
}
interface Report {
  readonly compatible: boolean;
  readonly compatibility: string;
  readonly comparedWith: readonly number[];
  readonly problems: readonly {
    readonly against: number;
    readonly direction: string;
    readonly path: string;
    readonly reason: string;
  }[];
}

const PATH = '/v1/contracts';

export function addContracts(program: Command): void {
  const group = program.command('contracts').description('what the events of each type promise');
  group
    .command('check')
    .argument('<file>', 'YAML or JSON, one contract or several; - reads standard input')
    .description(
      'whether each could be the next version of its contract; changes nothing. Ends with 1 when one could not',
    )
    .action(async (file: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      let good = true;
      for (const { id, body } of readDocuments(file, 'contract').filter(({ kind }) => kind === 'contract')) {
        const report: Report = await client.post(`${PATH}/${segment(id)}/check`, body);
        good &&= report.compatible;
        output.line({ id, ...report }, () => reportText(id, report));
      }
      answerIs(good);
    });
  applyFile(group, 'contract');
  listDocuments<Contract>(group, PATH, 'contracts', [
    { title: 'event type', value: ({ id }) => id },
    { title: 'version', value: ({ version }) => version, align: 'right' },
    { title: 'owner', value: ({ owner }) => owner },
    { title: 'steward', value: ({ steward }) => steward },
    { title: 'enforcement', value: ({ enforcement }) => enforcement },
    { title: 'compatibility', value: ({ compatibility }) => compatibility },
    { title: 'changed', value: ({ changedAt }) => changedAt },
  ]);
  showDocument(group, PATH, 'contract');
}

function reportText(id: string, { compatible, compatibility, comparedWith, problems }: Report): string {
  const against =
    comparedWith.length === 0 ? 'compared with no version' : `compared with version ${comparedWith.join(', ')}`;
  if (compatible) return `${id}: compatible (${compatibility}, ${against})`;
  const named = table(
    problems,
    [
      { title: 'against', value: (one) => one.against, align: 'right' },
      { title: 'direction', value: (one) => one.direction },
      { title: 'path', value: (one) => (one.path === '' ? '/' : one.path) },
      { title: 'reason', value: (one) => one.reason },
    ],
    '  ',
  );
  return `${id}: NOT compatible (${compatibility}, ${against})\n${named}`;
}
