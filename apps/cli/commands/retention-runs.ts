import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { contextOf, segment } from '../context';
import { count, facts, type Column, table } from '../output';
import { verifyCertificate } from '../verify-certificate';

interface Lot {
  readonly lot: number;
  readonly kind: string;
  readonly partition: string;
  readonly class: string;
  readonly period: string;
  readonly total: number;
  readonly rows: number;
  readonly bytes: number;
  readonly held: number;
  readonly policies: readonly string[];
  readonly sample: readonly { readonly process: string; readonly key: string; readonly id: string }[];
  readonly became: {
    readonly state: string;
    readonly fault: string | null;
    readonly rows: number;
    readonly kept: number;
    readonly proved: boolean;
  } | null;
}
interface Step {
  readonly step: string;
  readonly says: string;
  readonly state: string;
  readonly by: string | null;
  readonly code: string | null;
  readonly until: string | null;
}
interface Run {
  readonly id: string;
  readonly dryRun: boolean;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly state: string;
  readonly asOf: string | null;
  readonly digest: string | null;
}
interface RunDetail extends Run {
  readonly steps: readonly Step[];
  readonly lots: readonly Lot[];
  readonly certificate: string | null;
}
interface Certificate {
  readonly id: string;
  readonly run: string;
  readonly issuedAt: string;
  readonly sequence: number;
  readonly rowsGone: number;
  readonly rowsLeft: number;
  readonly requestedBy: string;
  readonly authorisedBy: string;
}

const PATH = '/v1/retention-runs';
const RUNS: readonly Column<Run>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'state', value: ({ state }) => state },
  { title: 'dry run', value: ({ dryRun }) => (dryRun ? 'yes' : 'no') },
  { title: 'as of', value: ({ asOf }) => asOf },
  { title: 'requested', value: ({ requestedAt }) => requestedAt },
  { title: 'by', value: ({ requestedBy }) => requestedBy },
];
const CERTIFICATES: readonly Column<Certificate>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'issued', value: ({ issuedAt }) => issuedAt },
  { title: 'gone', value: ({ rowsGone }) => count(rowsGone), align: 'right' },
  { title: 'left', value: ({ rowsLeft }) => count(rowsLeft), align: 'right' },
  { title: 'requested by', value: ({ requestedBy }) => requestedBy },
  { title: 'authorised by', value: ({ authorisedBy }) => authorisedBy },
  { title: 'log entry', value: ({ sequence }) => sequence, align: 'right' },
];
const LOTS: readonly Column<Lot>[] = [
  { title: 'lot', value: ({ lot }) => lot, align: 'right' },
  { title: 'what', value: ({ kind }) => kind },
  { title: 'partition', value: ({ partition }) => partition },
  { title: 'class', value: (lot) => lot.class },
  { title: 'month', value: ({ period }) => period },
  { title: 'there', value: ({ total }) => count(total), align: 'right' },
  { title: 'goes', value: ({ rows }) => count(rows), align: 'right' },
  { title: 'bytes', value: ({ bytes }) => count(bytes), align: 'right' },
  { title: 'held', value: ({ held }) => count(held), align: 'right' },
  { title: 'by', value: ({ policies }) => policies.join(', ') },
  { title: 'became', value: ({ became }) => (became ? becameText(became) : '') },
];
const STEPS: readonly Column<Step>[] = [
  { title: 'step', value: ({ step }) => step },
  { title: 'state', value: ({ state, code }) => (code === null ? state : `${state} (${code})`) },
  { title: 'until', value: ({ until }) => until },
  { title: 'by', value: ({ by }) => by },
  { title: 'what it does', value: ({ says }) => says },
];

export function addRetentionRuns(retention: Command): void {
  const runs = retention.command('runs').description('runs of retention: what is due goes, certified');
  runs
    .command('start')
    .option('--dry-run', 'count what is due, and do nothing')
    .description('count what is due; somebody else approves')
    .action(async ({ dryRun }: { dryRun?: true }, command: Command) => {
      const { client, output } = contextOf(command);
      const run = await client.post<RunDetail>(PATH, { dryRun: dryRun ?? false });
      output.document(run, () => runText(run));
    });
  runs
    .command('list')
    .description('runs, the newest first')
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(client.items<Run>(PATH), RUNS, 'there was no run');
    });
  runs
    .command('show')
    .argument('<id>')
    .description('a run: its plan, its steps, what became of each lot')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const run = await client.get<RunDetail>(`${PATH}/${segment(id)}`);
      output.document(run, () => runText(run));
    });
  for (const [answer, about] of [
    ['approve', 'have done what the digest names, which you looked at'],
    ['refuse', 'have nothing of it done'],
  ] as const)
    runs
      .command(answer)
      .argument('<id>')
      .requiredOption('--digest <hex>', 'of the plan, as `show` tells it')
      .description(about)
      .action(async (id: string, { digest }: { digest: string }, command: Command) => {
        const { client, output } = contextOf(command);
        const run = await client.post<RunDetail>(`${PATH}/${segment(id)}/${answer}`, { digest });
        output.document(run, () => aboutText(run));
      });
  runs
    .command('stop')
    .argument('<id>')
    .addOption(
      new Option('--before <step>', 'the step to stop before').choices([
        ...['recheck', 'archive', 'verify', 'purge', 'purgeRelated', 'prove', 'certify'],
      ]),
    )
    .description('hold it between two batches, or before a step')
    .action(async (id: string, options: { before?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const run = await client.post<RunDetail>(`${PATH}/${segment(id)}/stop`, options);
      output.document(run, () => aboutText(run));
    });
  for (const [order, about] of [
    ['resume', 'go on where it was stopped, or try again what failed'],
    ['call-off', 'take back what it wrote; what it has deleted is certified'],
  ] as const)
    runs
      .command(order)
      .argument('<id>')
      .description(about)
      .action(async (id: string, _options: object, command: Command) => {
        const { client, output } = contextOf(command);
        const run = await client.post<RunDetail>(`${PATH}/${segment(id)}/${order}`);
        output.document(run, () => aboutText(run));
      });
  addCertificates(retention);
}

function addCertificates(retention: Command): void {
  const certificates = retention.command('certificates').description('certificates of what was done away with');
  certificates
    .command('list')
    .description('certificates, the newest first')
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(client.items<Certificate>('/v1/certificates'), CERTIFICATES, 'there are no certificates');
    });
  certificates
    .command('save')
    .argument('<id>')
    .argument('<file>', 'the signed certificate (JSON Web Signature) is written there')
    .description('keep a signed certificate: `verify` needs nobody to check it')
    .action(async (id: string, file: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const found = await client.get<Certificate & { readonly signed: string }>(`/v1/certificates/${segment(id)}`);
      writeFileSync(file, `${found.signed}\n`);
      output.document({ ...found, file }, () => `${found.id} is in ${file}`);
    });
  certificates
    .command('verify')
    .argument('<file>', 'a certificate that was saved')
    .requiredOption('--keys <file>', 'public keys that certificates are signed with: what GET /v1/statement-keys tells')
    .option('--log-key <key>', 'key of the audit log (`<name>+<id>+<key>`): checks its checkpoint too')
    .description('check a certificate without asking anybody: signature, place in the audit log')
    .action((file: string, options: { keys: string; logKey?: string }, command: Command) => {
      const { output } = contextOf(command);
      const checked = verifyCertificate(file, options.keys, options.logKey);
      output.document(checked, () => facts(Object.entries(checked)));
    });
}

const becameText = ({ state, fault, rows, kept, proved }: NonNullable<Lot['became']>): string =>
  state === 'left' ? `left: ${fault}` : `${count(rows)} gone, ${count(kept)} left${proved ? ', proved' : ''}`;

const aboutText = (run: Run & Partial<RunDetail>): string =>
  facts([
    ['id', run.id],
    ['state', run.dryRun ? `${run.state} (dry run)` : run.state],
    ['requested by', run.requestedBy],
    ['as of', run.asOf],
    ['digest', run.digest],
    ['certificate', run.certificate],
  ]);

function runText(run: RunDetail): string {
  const samples = run.lots
    .filter(({ sample }) => sample.length > 0)
    .map(({ lot, sample }) => `  lot ${lot}: ${sample.map(({ process, key }) => `${process} ${key}`).join(', ')}`);
  return [
    ...[aboutText(run), table(run.steps, STEPS)],
    ...(run.lots.length > 0 ? [table(run.lots, LOTS)] : []),
    ...(samples.length > 0 ? [['a few of the keys that go:', ...samples].join('\n')] : []),
  ].join('\n\n');
}
