import { createReadStream, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { hash } from 'node:crypto';
import { leafHash, verifyInclusion } from '@holdfast/platform/transparency/merkle';
import { readCheckpoint } from '@holdfast/platform/transparency/checkpoint';
import { isSignedBy, readNote, readVerifierKey } from '@holdfast/platform/transparency/note';
import { type Command, Option } from 'commander';
import { pathsOf, RemoteLog, sizeOf } from '../audit/remote-log';
import { type Report, verifyCopy, verifyLog } from '../audit/verify-copy';
import { answerIs, contextOf, wholeNumber } from '../context';
import { UsageError } from '../exit';
import { count, facts, type Column } from '../output';

interface Entry {
  readonly sequence: number;
  readonly at: string;
  readonly kind: string;
  readonly action: string;
  readonly actor: string;
  readonly subject: { readonly kind: string; readonly id: string };
  readonly outcome: string;
  readonly code: string;
  readonly count: number;
}
interface Shown {
  readonly sequence: number;
  readonly entry: (Entry & Readonly<Record<string, unknown>>) | null;
  readonly salt: string | null;
  readonly text: string | null;
  readonly erasedBy: number | null;
}
interface Proof {
  readonly index: number;
  readonly size: number;
  readonly proof: readonly string[];
  readonly checkpoint: string;
}

const PATH = '/v1/audit';
const COLUMNS: readonly Column<Entry>[] = [
  { title: 'sequence', value: ({ sequence }) => count(sequence), align: 'right' },
  { title: 'at', value: ({ at }) => at },
  { title: 'kind', value: ({ kind }) => kind },
  { title: 'actor', value: ({ actor }) => actor },
  { title: 'action', value: ({ action }) => action },
  { title: 'subject', value: ({ subject }) => `${subject.kind} ${subject.id}` },
  { title: 'outcome', value: ({ outcome, code }) => (code === '' ? outcome : `${outcome}: ${code}`) },
];
const several = (value: string, before: readonly string[]): string[] => [...before, value];

export function addAudit(program: Command): void {
  const group = program.command('audit').description('who did what, and the proof that nobody has changed it');
  addReading(group);
  addProving(group);
}

function addReading(group: Command): void {
  group
    .command('list')
    .description('entries, newest first')
    .option('--from <time>', 'RFC 3339')
    .option('--to <time>', 'RFC 3339')
    .option('--kind <kind>', 'access, query, export, change, decision, refusal or log')
    .option('--actor <id>', 'who')
    .option('--action <name>', 'what, such as "POST /v1/alerts/:id/acknowledge"')
    .option('--subject-kind <kind>', 'such as alerts')
    .option('--subject <id>', 'to what')
    .addOption(new Option('--outcome <outcome>').choices(['intended', 'success', 'failure', 'denied']))
    .option('--limit <n>', 'at most so many', wholeNumber(1), 100)
    .action(async ({ limit, ...asked }: { limit: number } & Record<string, string>, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(client.items<Entry>(`${PATH}/entries`, asked, limit), COLUMNS, 'there are no such entries');
    });
  group
    .command('show')
    .argument('<sequence>', 'of the entry', wholeNumber(0))
    .description('an entry')
    .action(async (sequence: number, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const shown = await client.get<Shown>(`${PATH}/entries/${sequence}`);
      output.document(shown, () =>
        shown.entry
          ? facts(
              Object.entries(shown.entry)
                .filter(([, value]) => value !== '')
                .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
            )
          : `entry ${sequence} was erased; entry ${shown.erasedBy ?? ''} says why`,
      );
    });
  group
    .command('checkpoint')
    .description('the newest checkpoint: keep it, and the log can never be put back behind it unnoticed')
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const note = await new RemoteLog(client).checkpoint();
      output.document({ checkpoint: note, size: sizeOf(note) }, () => note.trimEnd());
    });
}

function addProving(group: Command): void {
  group
    .command('proof')
    .argument('<sequence>', 'of the entry', wholeNumber(0))
    .option('--key <key>', 'of the log, as it was told to you; else the one that the API tells')
    .description('prove that an entry is in the log; ends with 1 when it is not')
    .action(async (sequence: number, { key }: { key?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const [shown, proof, { keys }] = await Promise.all([
        client.get<Shown>(`${PATH}/entries/${sequence}`),
        client.get<Proof>(`${PATH}/entries/${sequence}/proof`),
        new RemoteLog(client).state(),
      ]);
      const isProved = isIn(shown, proof, key === undefined ? keys : [key]);
      output.document({ ...proof, salt: shown.salt, text: shown.text, proved: isProved }, () =>
        isProved
          ? `entry ${sequence} is in the log of ${count(proof.size)} entries`
          : `entry ${sequence} is NOT proved to be in the log`,
      );
      answerIs(isProved);
    });
  group
    .command('export')
    .argument('<dir>', 'made when missing')
    .description('write a copy with everything that a verifier needs, and the verifier')
    .action(async (folder: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command, 'transfer');
      const size = await exportTo(resolve(folder), new RemoteLog(client));
      output.document(
        { folder, size },
        () => `${count(size)} entries in ${folder}: node ${join(folder, 'verify.js')} ${folder}`,
      );
    });
  group
    .command('verify')
    .description('check every row against the log; ends with 1 when something was tampered with')
    .option('--copy <dir>', 'a copy that `audit export` wrote, without a network; else the running log')
    .option('--key <key>', 'of the log, as it was told to you; else the one that is with the log')
    .option('--checkpoint <file>', 'a checkpoint that you kept, or a witness; several times', several, [])
    .action(async (options: VerifyOptions, command: Command) => {
      const { output } = contextOf(command);
      const report = await verified(options, command);
      output.document(report, () => reportText(report));
      answerIs(report.faultCount === 0);
    });
}

interface VerifyOptions {
  readonly copy?: string;
  readonly key?: string;
  readonly checkpoint: readonly string[];
}

async function verified({ copy, key, checkpoint }: VerifyOptions, command: Command): Promise<Report> {
  const earlier = checkpoint.map(noteIn);
  if (copy !== undefined) return verifyCopy(copy, key, earlier);
  const log = new RemoteLog(contextOf(command, 'transfer').client);
  const { size, keys, witnessed } = await log.state();
  const spool = await mkdtemp(join(tmpdir(), 'holdfast-verify-'));
  try {
    // Rows first, into a file: they may be many. Whatever they are, the checkpoint that is asked for afterwards has them.
    const rows = join(spool, 'rows.txt');
    const last = await writeRows(rows, log.rows(size, true));
    return await verifyLog({
      checkpoint: await log.checkpointAt(last + 1),
      keys: key === undefined ? keys : [key],
      earlier: [...earlier, ...witnessed.map(({ note }) => note)],
      file: (path) => log.file(path),
      rows: createReadStream(rows, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>,
      completeBelow: size,
    });
  } finally {
    await rm(spool, { recursive: true, force: true });
  }
}

/** @returns the sequence of the last row; -1 where there is none */
async function writeRows(file: string, chunks: AsyncIterable<Buffer>): Promise<number> {
  const rows = await open(file, 'w', 0o600);
  let last = '-1';
  try {
    for await (const lines of chunks) {
      await rows.appendFile(lines);
      if (lines.length > 0) last = lines.toString('latin1', lines.lastIndexOf(10, -2) + 1).split(' ', 1)[0]!;
    }
  } finally {
    await rows.close();
  }
  return Number(last);
}

function noteIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(`--checkpoint names ${file}, which cannot be read`);
  }
}

function isIn({ salt, text }: Shown, { index, size, proof, checkpoint }: Proof, keys: readonly string[]): boolean {
  if (salt === null || text === null) return false;
  const commitment = hash('sha256', Buffer.concat([Buffer.from(salt, 'hex'), Buffer.from(text)]), 'buffer');
  const note = readNote(checkpoint);
  const signed = readCheckpoint(note.text);
  if (!keys.some((key) => isSignedBy(note, readVerifierKey(key))) || signed.size !== size) return false;
  const path = proof.map((one) => Buffer.from(one, 'base64'));
  return verifyInclusion(leafHash(commitment), index, size, path, signed.root);
}

/** @returns how many entries the copy has */
async function exportTo(folder: string, log: RemoteLog): Promise<number> {
  const { keys, witnessed } = await log.state();
  const checkpoint = await log.checkpoint();
  const size = sizeOf(checkpoint);
  await mkdir(folder, { recursive: true });
  for (const path of pathsOf(size)) {
    const bytes = (await log.file(path)) ?? (await log.file(path.replace(/\.p\/\d+$/, '')));
    await mkdir(dirname(join(folder, path)), { recursive: true });
    if (bytes) await writeFile(join(folder, path), bytes.subarray(0, bytesIn(path)));
  }
  await writeRows(join(folder, 'rows.txt'), log.rows(size));
  await writeFile(join(folder, 'log.key'), `${keys.join('\n')}\n`);
  for (const { witness, note } of witnessed)
    await writeFile(join(folder, `witnessed-${witness.replace(/[^\w.-]/g, '_')}`), note);
  await copyFile(join(__dirname, '..', 'audit', 'verify-copy.js'), join(folder, 'verify.js'));
  await writeFile(join(folder, 'checkpoint'), checkpoint); // last: a copy with it is whole
  return size;
}

/** How much of a tile that is whole meanwhile belongs to the copy. */
function bytesIn(path: string): number | undefined {
  const width = /\.p\/(\d+)$/.exec(path)?.[1];
  if (width === undefined) return undefined;
  return Number(width) * (path.startsWith('tile/entries/') ? 34 : 32);
}

function reportText(report: Report): string {
  const { origin, size, rows, leftBehind, erased, faults, faultCount } = report;
  const head = facts([
    ['log', origin],
    ['entries', count(size)],
    ['rows', count(rows)],
    ['erased', erased.length === 0 ? undefined : erased.join(', ')],
    ['left behind', leftBehind === 0 ? undefined : count(leftBehind)],
  ]);
  if (faultCount === 0) return `${head}\nnothing was altered, removed, added or put in another order`;
  const lines = faults.map(
    ({ fault, sequence, detail }) => `${fault}${sequence === undefined ? '' : ` ${sequence}`}: ${detail}`,
  );
  return [head, `${count(faultCount)} faults`, ...lines].join('\n');
}
