import type { Command } from 'commander';
import { Option } from 'commander';
import { contextOf, segment } from '../context';
import { count, table } from '../output';

interface Side {
  readonly stages: readonly string[];
  readonly systems: readonly string[];
  readonly events: number;
}
interface HopVerdict {
  readonly hop: string;
  readonly place: string;
  readonly cardinality: string;
  readonly from: Side;
  readonly to: Side;
  readonly discrepancies: Readonly<Record<string, number>>;
  readonly open: number;
  readonly since: string | null;
}
interface Causes {
  readonly keys: number;
  readonly causes: readonly {
    readonly stage: string;
    readonly name: string;
    readonly value: string;
    readonly keys: number;
    readonly share: number;
    readonly otherShare: number;
  }[];
}

const KINDS = ['missing', 'duplicate', 'mutated', 'orphan'];
const percent = (share: number): string => `${Math.round(share * 100)}%`;

/** `reconcile explain`: where a window's facts were lost, and what those have in common. */
export function addExplain(group: Command): void {
  group
    .command('explain')
    .argument('<id>', 'id of the window')
    .description('where facts were lost, since when, and what those have in common that were')
    .addOption(new Option('--kind <kind>', 'causes of this kind alone').choices(KINDS))
    .option('--hop <hop>', 'causes on this hop alone, such as shop->hub')
    .action(async (id: string, query: { kind?: string; hop?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const path = `/v1/reconciliations/${segment(id)}`;
      const asked = new URLSearchParams(query).toString();
      const [{ hops }, found] = await Promise.all([
        client.get<{ hops: readonly HopVerdict[] }>(`${path}/hops`),
        client.get<Causes>(`${path}/causes${asked === '' ? '' : `?${asked}`}`),
      ]);
      output.document({ hops, ...found }, () => [hopsText(hops), '', causesText(found)].join('\n'));
    });
}

const hopsText = (hops: readonly HopVerdict[]): string =>
  table(hops, [
    { title: 'hop', value: ({ hop }) => hop },
    { title: 'where', value: ({ place }) => place.replaceAll('_', ' ') },
    { title: 'systems', value: ({ from, to }) => `${from.systems.join(', ')} -> ${to.systems.join(', ')}` },
    { title: 'sent', value: ({ from }) => count(from.events), align: 'right' },
    { title: 'arrived', value: ({ to }) => count(to.events), align: 'right' },
    { title: 'wrong', value: ({ discrepancies }) => kindsOf(discrepancies) },
    { title: 'open', value: ({ open }) => count(open), align: 'right' },
    { title: 'since', value: ({ since }) => since ?? '' },
  ]);

const kindsOf = (discrepancies: Readonly<Record<string, number>>): string =>
  Object.entries(discrepancies)
    .map(([kind, found]) => `${count(found)} ${kind}`)
    .join(', ') || 'nothing';

function causesText({ keys, causes }: Causes): string {
  if (keys === 0) return 'there are no keys with discrepancies';
  if (causes.length === 0) return `the ${count(keys)} keys have nothing in common that others have not`;
  return [
    `what ${count(keys)} keys with discrepancies have in common:`,
    table(causes, [
      { title: 'stage', value: ({ stage }) => stage },
      { title: 'attribute', value: ({ name }) => name },
      { title: 'value', value: ({ value }) => value },
      { title: 'of these', value: ({ share }) => percent(share), align: 'right' },
      { title: 'of others', value: ({ otherShare }) => percent(otherShare), align: 'right' },
    ]),
  ].join('\n');
}
