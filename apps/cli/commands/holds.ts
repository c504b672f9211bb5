import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { parse } from 'yaml';
import { contextOf, segment, wholeNumber } from '../context';
import { UsageError } from '../exit';
import { count, facts, type Column } from '../output';

interface Hold {
  readonly id: string;
  readonly version: number;
  readonly state: string;
  readonly inForce: boolean;
  readonly matter: string;
  readonly counsel: string;
  readonly scope: unknown;
  readonly reason: string;
  readonly changedBy: string;
  readonly changedAt: string;
  readonly reviewAt: string | null;
  readonly custodians: readonly { readonly id: string; readonly acknowledgedAt: string | null }[];
}
interface Placed extends Hold {
  readonly deletionsMet: readonly {
    readonly partition: string;
    readonly class: string;
    readonly rows: number | null;
  }[];
}
interface Count {
  readonly records: number;
  readonly keys: number;
  readonly bytes: number;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
}

const PATH = '/v1/holds';
const COLUMNS: readonly Column<Hold>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'state', value: ({ state }) => state },
  { title: 'matter', value: ({ matter }) => matter },
  { title: 'counsel', value: ({ counsel }) => counsel },
  {
    title: 'custodians',
    value: ({ custodians }) =>
      `${custodians.filter(({ acknowledgedAt }) => acknowledgedAt !== null).length}/${custodians.length}`,
  },
  { title: 'review', value: ({ reviewAt }) => reviewAt },
  { title: 'changed', value: ({ changedAt }) => changedAt },
  { title: 'by', value: ({ changedBy }) => changedBy },
];

export function addHolds(program: Command): void {
  const group = program.command('holds').description('legal holds: what must not be deleted, whatever policies say');
  addReading(group);
  addPlacing(group);
  const steps = {
    approve: 'agree to a hold of everything that somebody else placed',
    refuse: 'refuse it',
    'ask-release': 'ask for the release; somebody else releases',
    release: 'release a hold whose release somebody else asked for',
    keep: 'keep a hold whose release was asked for',
  };
  for (const [step, about] of Object.entries(steps))
    group
      .command(step)
      .argument('<id>')
      .requiredOption('--version-seen <n>', 'the version that you looked at', wholeNumber(1))
      .requiredOption('--reason <text>')
      .description(about)
      .action(
        async (id: string, { versionSeen, reason }: { versionSeen: number; reason: string }, command: Command) => {
          const { client, output } = contextOf(command);
          const hold = await client.post<Placed>(`${PATH}/${segment(id)}/${step}?version=${versionSeen}`, { reason });
          output.document(hold, () => holdText(hold));
        },
      );
  group
    .command('acknowledge')
    .argument('<id>')
    .argument('<custodian>')
    .description('note that a custodian knows of the hold')
    .action(async (id: string, custodian: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const hold = await client.post<Hold>(`${PATH}/${segment(id)}/custodians/${segment(custodian)}/acknowledge`);
      output.document(hold, () => holdText(hold));
    });
}

function addReading(group: Command): void {
  group
    .command('list')
    .addOption(new Option('--state <state>').choices(['open', 'all']).default('open'))
    .description('holds by id')
    .action(async ({ state }: { state: string }, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(client.items<Hold>(`${PATH}?state=${state}`), COLUMNS, 'there are no holds');
    });
  group
    .command('show')
    .argument('<id>')
    .description('a hold, with what it holds now')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const [hold, counted] = await Promise.all([
        client.get<Hold>(`${PATH}/${segment(id)}`),
        client.get<Count>(`${PATH}/${segment(id)}/count`),
      ]);
      output.document({ ...hold, count: counted }, () => `${holdText(hold)}\n${countText(counted)}`);
    });
  group
    .command('report')
    .description('holds that are not over, with what they hold now')
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const found = await client.get<{ items: readonly Readonly<Record<string, string | number>>[] }>(`${PATH}/report`);
      output.document(
        found,
        () => found.items.map((line) => facts(Object.entries(line))).join('\n\n') || 'there are no open holds',
      );
    });
}

function addPlacing(group: Command): void {
  group
    .command('preview')
    .argument('<file>', 'YAML or JSON with matter, counsel, scope ...; - reads standard input')
    .description('what the scope fits now, counted; nothing is stored')
    .action(async (file: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const { scope } = readHold(file);
      const found = await client.post<Count & { everything: boolean }>(`${PATH}/preview`, { scope });
      output.document(
        found,
        () => `${countText(found)}${found.everything ? '\nthat is everything: a second person has to approve' : ''}`,
      );
    });
  group
    .command('place')
    .argument('<file>')
    .requiredOption('--reason <text>')
    .description('place a hold; it is in force when the command returns')
    .action(async (file: string, { reason }: { reason: string }, command: Command) => {
      const { client, output } = contextOf(command, 'transfer');
      const hold = await client.post<Placed>(PATH, { ...readHold(file), reason });
      output.document(hold, () => placedText(hold));
    });
  group
    .command('amend')
    .argument('<id>')
    .argument('<file>')
    .requiredOption('--version-seen <n>', 'the version that you looked at', wholeNumber(1))
    .requiredOption('--reason <text>')
    .description('make the next version of a hold')
    .action(
      async (
        id: string,
        file: string,
        { versionSeen, reason }: { versionSeen: number; reason: string },
        command: Command,
      ) => {
        const { client, output } = contextOf(command, 'transfer');
        const { body } = await client.put<Placed>(
          `${PATH}/${segment(id)}`,
          { ...readHold(file), reason },
          `"${versionSeen}"`,
        );
        output.document(body, () => placedText(body));
      },
    );
}

function readHold(file: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    throw new UsageError(`${file} cannot be read`);
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${file}: must be an object`);
  return value as Readonly<Record<string, unknown>>;
}

const holdText = (hold: Hold): string =>
  facts([
    ['id', hold.id],
    ['version', hold.version],
    ['state', hold.state],
    ['in force', hold.inForce ? 'yes' : 'no'],
    ['matter', hold.matter],
    ['counsel', hold.counsel],
    ['scope', JSON.stringify(hold.scope)],
    ['reason', hold.reason],
    ['changed', `${hold.changedAt} by ${hold.changedBy}`],
    ['review', hold.reviewAt],
    ...hold.custodians.map(
      ({ id, acknowledgedAt }) => [`custodian ${id}`, acknowledgedAt ?? 'has not answered'] as const,
    ),
  ]);
const countText = ({ records, keys, bytes, firstAt, lastAt }: Count): string =>
  facts([
    ['records', count(records)],
    ['keys', count(keys)],
    ['bytes', count(bytes)],
    ['from', firstAt],
    ['to', lastAt],
  ]);
const placedText = (hold: Placed): string =>
  [
    holdText(hold),
    ...hold.deletionsMet.map(
      ({ partition, rows }) =>
        `partition ${partition}: ${rows === null ? 'a deletion was cut off' : `${count(rows)} rows had gone`}`,
    ),
  ].join('\n');
