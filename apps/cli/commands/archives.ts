import type { Command } from 'commander';
import { answerIs, contextOf, segment, wholeNumber } from '../context';
import type { Column } from '../output';

interface Archive {
  readonly id: string;
  readonly class: string;
  readonly period: string;
  readonly state: string;
  readonly fault: string | null;
  readonly keyId: string;
  readonly objects: number;
  readonly rows: number;
  readonly hash: string;
  readonly retainUntil: string | null;
  readonly requestedAt: string;
}
interface ArchiveWithObjects extends Archive {
  readonly written: readonly { readonly number: number; readonly rows: number; readonly sealedBytes: number }[];
}
interface ArchivedRecord {
  readonly process: string;
  readonly key: string;
  readonly stage: string;
  readonly id: string;
  readonly outcome: string;
  readonly originAt: string;
  readonly data: unknown;
  readonly erased: boolean;
}
interface Queried {
  readonly items: readonly ArchivedRecord[];
  readonly more: boolean;
  readonly objectsRead: number;
  readonly objectsSkipped: number;
}
interface Drill {
  readonly archive: string;
  readonly at: string;
  readonly state: string;
  readonly fault: string | null;
  readonly rows: number;
  readonly tookMs: number;
}
interface Destruction {
  readonly key: string;
  readonly state: string;
  readonly approveBy: string;
}

const PATH = '/v1/archives';
const LIST: readonly Column<Archive>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'class', value: (one) => one.class },
  { title: 'period', value: ({ period }) => period },
  { title: 'state', value: ({ state }) => state },
  { title: 'fault', value: ({ fault }) => fault },
  { title: 'rows', value: ({ rows }) => rows, align: 'right' },
  { title: 'kept until', value: ({ retainUntil }) => retainUntil },
  { title: 'since', value: ({ requestedAt }) => requestedAt },
];
const DRILLS: readonly Column<Drill>[] = [
  { title: 'at', value: ({ at }) => at },
  { title: 'archive', value: ({ archive }) => archive },
  { title: 'state', value: ({ state }) => state },
  { title: 'fault', value: ({ fault }) => fault },
  { title: 'rows', value: ({ rows }) => rows, align: 'right' },
  { title: 'took', value: ({ tookMs }) => `${tookMs} ms`, align: 'right' },
];
const shown = ({ originAt, process, key, stage, id, outcome, erased, data }: ArchivedRecord): string =>
  `${originAt} ${process} ${key} ${stage} ${id} ${outcome}${erased ? ' erased' : ''} ${JSON.stringify(data)}`;

export function addArchives(program: Command): void {
  const group = program
    .command('archive')
    .description('archives of records: sealed, and kept where nobody changes them');
  addShow(group);
  addQuery(group);
  addRestore(group);
  addKeys(group);
}

function addShow(group: Command): void {
  group
    .command('list')
    .description('archives, the newest first')
    .option('--class <class>', 'of this retention class')
    .option('--period <month>', 'of this month of receipt, such as 202601')
    .action(async (options: { class?: string; period?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(client.items<Archive>(PATH, { ...options }), LIST, 'there are no archives');
    });
  group
    .command('show')
    .argument('<id>')
    .description('an archive with its objects')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const found = await client.get<ArchiveWithObjects>(`${PATH}/${segment(id)}`);
      output.document(found, () =>
        [
          `${found.class} ${found.period}: ${found.state}${found.fault === null ? '' : `, ${found.fault}`}`,
          `${found.rows} rows in ${found.objects} objects, sum of hashes ${found.hash}, key ${found.keyId}`,
          ...found.written.map(
            ({ number, rows, sealedBytes }) => `object ${number}: ${rows} rows, ${sealedBytes} bytes`,
          ),
        ].join('\n'),
      );
    });
  group
    .command('write')
    .description('archive a retention class and a month of receipt that is over')
    .requiredOption('--class <class>', 'retention class')
    .requiredOption('--period <month>', 'month of receipt, such as 202601')
    .option('--retain-until <time>', 'the store keeps it until then')
    .action(async (options: { class: string; period: string; retainUntil?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const made = await client.post<{ id: string }>(PATH, options);
      output.document(made, () => made.id);
    });
  group
    .command('verify')
    .argument('<id>')
    .description('have an archive read back from its store to the end; `show` says what was found')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const answer = await client.post<object>(`${PATH}/${segment(id)}/verify`);
      output.document(answer, () => 'under way');
    });
}

function addQuery(group: Command): void {
  group
    .command('query')
    .argument('<id>')
    .description('records as they lie in an archive')
    .option('--process <process>')
    .option('--record-key <key>', 'business key')
    .option('--stage <stage>')
    .option('--from <time>', 'origin from then on')
    .option('--to <time>', 'origin before then')
    .option('--limit <count>', 'at most so many', wholeNumber(1, 10_000), 100)
    .action(async (id: string, options: { recordKey?: string; limit: number }, command: Command) => {
      const { client, output } = contextOf(command, 'transfer');
      const { recordKey: key, ...filter } = options;
      const found = await client.post<Queried>(`${PATH}/${segment(id)}/query`, {
        ...filter,
        ...(key !== undefined && { key }),
      });
      output.document(found, () =>
        [
          ...found.items.map(shown),
          `${found.items.length}${found.more ? ' of more' : ''}; objects read: ${found.objectsRead}, skipped: ${found.objectsSkipped}`,
        ].join('\n'),
      );
    });
}

function addRestore(group: Command): void {
  group
    .command('restore')
    .argument('<id>')
    .description('put the records of an archive beside those that count, for a time')
    .option('--days <days>', 'how long they stay', wholeNumber(1, 365), 7)
    .action(async (id: string, { days }: { days: number }, command: Command) => {
      const { client, output } = contextOf(command);
      const made = await client.post<{ id: string }>(`${PATH}/${segment(id)}/restores`, { days });
      output.document(made, () => made.id);
    });
  group
    .command('restored')
    .argument('<restore>')
    .description('how far a restore is; ends with 1 when it failed')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const found = await client.get<{ state: string; fault: string | null; rows: number; expiresAt: string }>(
        `/v1/archive-restores/${segment(id)}`,
      );
      const { state, fault, rows, expiresAt } = found;
      output.document(found, () => `${state}${fault === null ? '' : `: ${fault}`}, ${rows} rows until ${expiresAt}`);
      answerIs(state !== 'failed');
    });
  group
    .command('drill')
    .description('restore an archive for practice now; `drills` says how it went')
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const answer = await client.post<object>('/v1/archive-drills');
      output.document(answer, () => 'under way');
    });
  group
    .command('drills')
    .option('--archive <id>', 'of this archive')
    .description('drills, the newest first')
    .action(async (options: { archive?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(client.items<Drill>('/v1/archive-drills', { ...options }), DRILLS, 'there was none yet');
    });
}

function addKeys(group: Command): void {
  group
    .command('rotate')
    .description('have a new key of the ring wrap the keys of all archives')
    .option('--same-key', 'have its newest key wrap them, without a new one')
    .action(async ({ sameKey = false }: { sameKey?: boolean }, command: Command) => {
      const { client, output } = contextOf(command);
      const answer = await client.post<object>('/v1/archive-keys/rotate', { newKey: !sameKey });
      output.document(answer, () => 'under way');
    });
  group
    .command('destroy-key')
    .argument('<key>')
    .description('ask for the destruction of a key, or answer who has asked: everything that it sealed is lost')
    .option('--reason <text>', 'why: asks for it')
    .option('--approve', 'approve what somebody else has asked for')
    .option('--refuse', 'refuse it')
    .action(async (key: string, options: { reason?: string; approve?: true; refuse?: true }, command: Command) => {
      const { client, output } = contextOf(command);
      const path = `/v1/archive-keys/${segment(key)}/destruction`;
      const { reason, approve, refuse } = options;
      const found = await (approve || refuse
        ? client.post<Destruction>(`${path}/${approve ? 'approve' : 'refuse'}`)
        : reason === undefined
          ? client.get<Destruction>(path)
          : client.post<Destruction>(path, { reason }));
      output.document(found, () =>
        found.state === 'requested' ? `waits for somebody else until ${found.approveBy}` : found.state,
      );
    });
}
