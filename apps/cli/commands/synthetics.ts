import type { Command } from 'commander';
import { answerIs, contextOf, segment } from '../context';
import { applyFile, listDocuments, showDocument } from '../documents';
import type { Column } from '../output';

interface Probe {
  readonly at: string;
  readonly state: string;
  readonly hop: string | null;
  readonly fault: string | null;
  readonly key: string;
  readonly tookMs: Readonly<Record<string, number>>;
}
interface Status {
  readonly id: string;
  readonly failuresInARow: number;
  readonly failingSince: string | null;
  readonly alert: string | null;
  readonly last: Probe | null;
}

const PATH = '/v1/synthetic-transactions';
const times = ({ tookMs }: Probe): string =>
  Object.entries(tookMs)
    .map(([stage, ms]) => `${stage} ${ms} ms`)
    .join(', ');
const PROBES: readonly Column<Probe>[] = [
  { title: 'at', value: ({ at }) => at },
  { title: 'state', value: ({ state }) => state },
  { title: 'hop', value: ({ hop }) => hop },
  { title: 'fault', value: ({ fault }) => fault },
  { title: 'took', value: times },
];
const say = (probe: Probe): string =>
  probe.state === 'broken' ? `broken at ${probe.hop}: ${probe.fault}` : `${probe.state}: ${times(probe)}`;

export function addSynthetics(program: Command): void {
  const group = program.command('synthetics').description('probes of the paths of processes');
  applyFile(group, 'synthetic-transaction');
  listDocuments<{
    id: string;
    process: string;
    send: string[];
    expect: { stage: string }[];
    everySeconds: number;
    enabled: boolean;
    owner: string;
  }>(group, PATH, 'synthetic transactions', [
    { title: 'id', value: ({ id }) => id },
    { title: 'process', value: ({ process }) => process },
    { title: 'path', value: ({ send, expect }) => [send.join('+'), ...expect.map(({ stage }) => stage)].join(' > ') },
    { title: 'every', value: ({ everySeconds }) => `${everySeconds} s`, align: 'right' },
    { title: 'enabled', value: ({ enabled }) => (enabled ? 'yes' : 'no') },
    { title: 'owner', value: ({ owner }) => owner },
  ]);
  showDocument(group, PATH, 'synthetic-transaction');
  group
    .command('probes')
    .argument('<id>')
    .description('probes and how they ended, the newest first')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(client.items<Probe>(`${PATH}/${segment(id)}/probes`), PROBES, 'none was sent yet');
    });
  group
    .command('status')
    .argument('<id>')
    .description('whether probes get through; ends with 1 when the last one did not')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const found = await client.get<Status>(`${PATH}/${segment(id)}/status`);
      const { last, failuresInARow, failingSince, alert } = found;
      output.document(found, () =>
        [
          last ? `${last.at} ${say(last)}` : 'no probe has ended yet',
          ...(failingSince === null ? [] : [`${failuresInARow} failed in a row, since ${failingSince}`]),
          ...(alert === null ? [] : [`alert ${alert}`]),
        ].join('\n'),
      );
      answerIs(failuresInARow === 0);
    });
  group
    .command('probe')
    .argument('<id>')
    .description('send a probe now and wait for its end; ends with 1 when it does not get through')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const probe = await client.post<Probe>(`${PATH}/${segment(id)}/probe`);
      output.document(probe, () => say(probe));
      answerIs(probe.state === 'passed');
    });
}
