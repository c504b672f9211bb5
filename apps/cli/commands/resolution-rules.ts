import { Option, type Command } from 'commander';
import { contextOf } from '../context';
import { applyFile, listDocuments, readDocuments, showDocument } from '../documents';
import { UsageError } from '../exit';
import { count, facts, table } from '../output';

interface Rule {
  readonly id: string;
  readonly version: number;
  readonly enabled: boolean;
  readonly priority: number;
  readonly match: Readonly<Record<string, unknown>>;
  readonly action: { readonly kind: string };
  readonly changedAt: string;
  readonly changedBy: string;
}
interface Trial {
  readonly windows: readonly {
    readonly reconciliation: string;
    readonly revision: number;
    readonly discrepancies: number;
    readonly decides: number;
    readonly byOthers: number;
    readonly undecided: number;
  }[];
  readonly discrepancies: number;
  readonly decides: number;
  readonly byOthers: number;
  readonly undecided: number;
  readonly examples: readonly { readonly reconciliation: string; readonly key: string; readonly kind: string }[];
  readonly complete: boolean;
}

const PATH = '/v1/resolution-rules';

export function addResolutionRules(program: Command): void {
  const group = program.command('resolution-rules').description('what becomes of discrepancies without a person');
  applyFile(group, 'resolution-rule');
  listDocuments<Rule>(group, PATH, 'resolution rules', [
    { title: 'id', value: ({ id }) => id },
    { title: 'version', value: ({ version }) => version, align: 'right' },
    { title: 'priority', value: ({ priority }) => priority, align: 'right' },
    { title: 'action', value: ({ action, enabled }) => (enabled ? action.kind : `${action.kind} (off)`) },
    { title: 'match', value: ({ match }) => Object.keys(match).join(', ') },
    { title: 'changed', value: ({ changedAt }) => changedAt },
    { title: 'by', value: ({ changedBy }) => changedBy },
  ]);
  showDocument(group, PATH, 'resolution-rule');
  addTry(group);
}

function addTry(group: Command): void {
  group
    .command('try')
    .argument('<file>', 'YAML or JSON of one rule; - reads standard input')
    .description('say what a rule would have decided about past windows, and do nothing')
    .addOption(new Option('--process <id>', 'whose windows').makeOptionMandatory())
    .addOption(new Option('--from <time>', 'RFC 3339').makeOptionMandatory())
    .addOption(new Option('--to <time>', 'RFC 3339').makeOptionMandatory())
    .option('--alone', 'as if there were no other rules')
    .action(
      async (file: string, options: { process: string; from: string; to: string; alone?: true }, command: Command) => {
        const { client, output } = contextOf(command, 'transfer');
        const [document, ...others] = readDocuments(file, 'resolution-rule');
        if (document?.kind !== 'resolution-rule' || others.length > 0)
          throw new UsageError(`${file} must hold one resolution-rule`);
        const { id, body: rule } = document;
        const trial = await client.post<Trial>(`${PATH}/trials`, { id, rule, ...options });
        output.document(trial, () => trialText(trial));
      },
    );
}

function trialText(trial: Trial): string {
  const windows = table(trial.windows, [
    { title: 'window', value: ({ reconciliation }) => reconciliation },
    { title: 'revision', value: ({ revision }) => revision, align: 'right' },
    { title: 'discrepancies', value: ({ discrepancies }) => count(discrepancies), align: 'right' },
    { title: 'decides', value: ({ decides }) => count(decides), align: 'right' },
    { title: 'other rules', value: ({ byOthers }) => count(byOthers), align: 'right' },
    { title: 'people', value: ({ undecided }) => count(undecided), align: 'right' },
  ]);
  const sums = facts([
    ['discrepancies', count(trial.discrepancies)],
    ['would decide', count(trial.decides)],
    ['other rules', count(trial.byOthers)],
    ['left to people', count(trial.undecided)],
    ['examples', trial.examples.map(({ key }) => key).join(', ')],
    ['complete', trial.complete ? 'yes' : 'no: there is more than a trial looks at'],
  ]);
  return trial.windows.length === 0 ? 'no window of that time had discrepancies' : [windows, '', sums].join('\n');
}
