import type { Command } from 'commander';
import { contextOf, segment } from '../context';
import { applyFile, listDocuments, readDocuments, showDocument } from '../documents';
import { UsageError } from '../exit';
import { count, facts, type Column, table } from '../output';
import { addRetentionRuns } from './retention-runs';

interface Policy {
  readonly id: string;
  readonly version: number;
  readonly action: string;
  readonly explicit: boolean;
  readonly enabled: boolean;
  readonly tiers: { readonly hot?: string; readonly cold?: string; readonly archive?: string };
  readonly match: Readonly<Record<string, readonly string[]>>;
  readonly startsOn?: { readonly type: string };
  readonly statute?: { readonly source: string };
}
interface Claim {
  readonly policy: string;
  readonly version: number;
  readonly kind: string;
  readonly term: string;
  readonly until: string | null;
  readonly waitsFor: { readonly type: string } | null;
}
interface Explanation {
  readonly record: Readonly<Record<string, string | readonly string[] | null>>;
  readonly rule: string;
  readonly holds: readonly string[];
  readonly winner: Claim | null;
  readonly lost: readonly (Claim & { readonly to: string })[];
  readonly tier: string;
  readonly goesOn: string | null;
  readonly goesOnWithoutHolds: string | null;
}
interface Amount {
  readonly records: number;
  readonly bytes: number;
}
interface ImpactGroup extends Amount {
  readonly partition: string;
  readonly process: string;
  readonly class: string;
  readonly impact: string;
  readonly firstGoesOn: string | null;
  readonly lastGoesOn: string | null;
}
type Impact = Readonly<Record<'deletes' | 'keeps' | 'sooner' | 'later' | 'none', Amount>> & {
  readonly groups: readonly ImpactGroup[];
  readonly cut: boolean;
};

const PATH = '/v1/retention-policies';
const NEVER = 'not as things stand';

export function addRetention(program: Command): void {
  const group = program.command('retention').description('how long records are kept, and why');
  addPolicies(group);
  addRetentionRuns(group);
  group
    .command('explain')
    .option('--process <id>')
    .option('--id <event>', 'a record that is there, by the id of its event')
    .option('--key <key>', 'records that are there, by business key')
    .option('--class <class>', 'of a record by attributes: its retention class')
    .option('--categories <list>', 'regulatory categories, joined by commas')
    .option('--severity <text>')
    .option('--environment <text>')
    .option('--region <text>')
    .option('--received-on <date>', 'today where nothing is said')
    .description('what becomes of a record: which rule decides, which policies lost, when it goes')
    .action(async (options: Readonly<Record<string, string>>, command: Command) => {
      const { client, output } = contextOf(command);
      const query = new URLSearchParams(options);
      const { items, cut } = await client.get<{ items: readonly Explanation[]; cut: boolean }>(
        `/v1/retention/explain?${query.toString()}`,
      );
      output.document({ items, cut }, () => [...items.map(explanation), ...(cut ? ['... and more'] : [])].join('\n\n'));
    });
}

function addPolicies(retention: Command): void {
  const group = retention.command('policies').description('retention policies');
  applyFile(group, 'retention-policy');
  listDocuments<Policy>(group, PATH, 'retention policies', [
    { title: 'id', value: ({ id }) => id },
    { title: 'version', value: ({ version }) => version, align: 'right' },
    { title: 'action', value: ({ action, explicit }) => (explicit ? action : `${action} (implicit)`) },
    { title: 'for', value: ({ tiers }) => tiers.archive ?? '7y' },
    { title: 'from', value: ({ startsOn }) => startsOn?.type ?? 'receipt' },
    {
      title: 'matches',
      value: ({ match }) =>
        Object.entries(match)
          .map(([name, values]) => `${name} ${values.join('|')}`)
          .join(', '),
    },
    { title: 'law', value: ({ statute }) => statute?.source },
    { title: 'enabled', value: ({ enabled }) => (enabled ? 'yes' : 'no') },
  ]);
  showDocument(group, PATH, 'retention-policy');
  group
    .command('impact')
    .argument('<file>', 'YAML or JSON with one policy; - reads standard input')
    .description('what the policy would delete or keep, counted, if it were applied; nothing is stored')
    .action(async (file: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const [document, ...others] = readDocuments(file, 'retention-policy');
      if (document?.kind !== 'retention-policy' || others.length > 0)
        throw new UsageError(`${file}: must hold one retention policy`);
      const found = await client.post<Impact>(`${PATH}/${segment(document.id)}/impact`, document.body);
      output.document(found, () => impactText(found));
    });
}

const claim = ({ policy, version, kind, term, until, waitsFor }: Claim): string =>
  `${policy}${version === 0 ? '' : ` v${version}`}: ${kind} ${until ?? (waitsFor ? `from ${waitsFor.type} on` : 'for ever')}${term === 'action' ? '' : ` (${term.replace('_', ' ')})`}`;

function explanation({ record, rule, holds, winner, lost, tier, goesOn, goesOnWithoutHolds }: Explanation): string {
  const about = Object.entries(record).map(
    ([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value as string | null)] as const,
  );
  return facts([
    ...about,
    ['tier', tier],
    ['rule', rule.replaceAll('_', ' ')],
    ['holds', holds.join(', ')],
    ['winner', winner ? claim(winner) : ''],
    ...lost.map((one) => [`lost to ${one.to.replaceAll('_', ' ')}`, claim(one)] as const),
    ['goes on', goesOn ?? NEVER],
    ...(holds.length > 0 ? [['without holds', goesOnWithoutHolds ?? NEVER] as const] : []),
  ]);
}

const COLUMNS: readonly Column<ImpactGroup>[] = [
  { title: 'impact', value: ({ impact }) => impact },
  { title: 'partition', value: ({ partition }) => partition },
  { title: 'process', value: ({ process }) => process },
  { title: 'class', value: (one) => one.class },
  { title: 'records', value: ({ records }) => count(records), align: 'right' },
  { title: 'bytes', value: ({ bytes }) => count(bytes), align: 'right' },
  { title: 'goes', value: ({ firstGoesOn, lastGoesOn }) => `${firstGoesOn ?? NEVER} .. ${lastGoesOn ?? NEVER}` },
];

function impactText(found: Impact): string {
  const amount = (name: 'deletes' | 'keeps' | 'sooner' | 'later' | 'none'): string =>
    `${count(found[name].records)} records, ${count(found[name].bytes)} bytes`;
  const sums = facts([
    ['deleted at once', amount('deletes')],
    ['due now, kept', amount('keeps')],
    ['go sooner', amount('sooner')],
    ['go later', amount('later')],
    ['the same', amount('none')],
  ]);
  return found.groups.length === 0
    ? sums
    : `${sums}\n\n${table(found.groups, COLUMNS)}${found.cut ? '\n... and more' : ''}`;
}
