import type { Command } from 'commander';
import { answerIs, contextOf, segment } from '../context';
import { applyFile, listDocuments, showDocument } from '../documents';

interface Status {
  readonly id: string;
  readonly state: 'beating' | 'silent' | 'disabled';
  readonly lastBeatAt: string | null;
  readonly silentSince: string | null;
  readonly alert: string | null;
}

const PATH = '/v1/heartbeats';

export function addHeartbeats(program: Command): void {
  const group = program
    .command('heartbeats')
    .description('systems that say that they live, and alerts when they do not');
  applyFile(group, 'heartbeat');
  listDocuments<{ id: string; everySeconds: number; graceSeconds: number; enabled: boolean; owner: string }>(
    group,
    PATH,
    'heartbeats',
    [
      { title: 'id', value: ({ id }) => id },
      { title: 'every', value: ({ everySeconds }) => `${everySeconds} s`, align: 'right' },
      { title: 'grace', value: ({ graceSeconds }) => `${graceSeconds} s`, align: 'right' },
      { title: 'enabled', value: ({ enabled }) => (enabled ? 'yes' : 'no') },
      { title: 'owner', value: ({ owner }) => owner },
    ],
  );
  showDocument(group, PATH, 'heartbeat');
  group
    .command('beat')
    .argument('<id>')
    .description('say that it lives')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const taken = await client.post<{ receivedAt: string }>(`${PATH}/${segment(id)}/beat`);
      output.document(taken, () => `taken at ${taken.receivedAt}`);
    });
  group
    .command('status')
    .argument('<id>')
    .description('whether it beats; ends with 1 when it is silent')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const found = await client.get<Status>(`${PATH}/${segment(id)}/status`);
      const { state, lastBeatAt, silentSince, alert } = found;
      output.document(found, () =>
        [
          `${state}, last beat ${lastBeatAt ?? 'never'}`,
          ...(silentSince === null ? [] : [`silent since ${silentSince}`]),
          ...(alert === null ? [] : [`alert ${alert}`]),
        ].join('\n'),
      );
      answerIs(state !== 'silent');
    });
}
