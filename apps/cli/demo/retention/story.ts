import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../scene';
import { asAdmin, check, command, type RetentionScene } from './scene';

const PROCESS = 'invoicing';
/** Received two years ago: it leaves the store for the archive. */
const YEAR = Array.from({ length: 12 }, (_, month) => `2024-${String(month + 1).padStart(2, '0')}`);
/** Received more than seven years ago: it is due. */
const OLD = ['2018-03', '2018-04'];
const RECORDS = 2_000;
const PATIENCE_MS = 120_000;

interface Lot {
  readonly kind: string;
  readonly rows: number;
  readonly became: {
    readonly state: string;
    readonly rows: number;
    readonly kept: number;
    readonly proved: boolean;
  } | null;
}
interface Run {
  readonly id: string;
  readonly state: string;
  readonly digest: string;
  readonly lots: readonly Lot[];
  readonly certificate: string | null;
}

/** A year's records: a plan, a hold that comes between approval and purge, the certificate and its proof, the archive, a drill, a row that somebody altered. */
export async function tellYear(scene: RetentionScene): Promise<void> {
  const { narrator, database, client } = scene;
  narrator.step('The records of a year, and some that are due');
  await client.put(
    `/v1/processes/${PROCESS}`,
    {
      stages: [
        { id: 'shop', role: 'source' },
        { id: 'erp', role: 'target' },
      ],
      fields: [],
    },
    undefined,
  );
  await database.receive(PROCESS, [...OLD, ...YEAR], RECORDS);
  const before = await database.records();
  narrator.say(`${before.toLocaleString('en-US')} records: 2018 is more than 7 years ago, 2024 more than one.`);

  const run = await planned(scene);
  await heldBetween(scene, run);
  const done = await inState(scene, run.id, 'done');
  narrator.step('What became of it');
  await command(scene, 'retention', 'runs', 'show', run.id);
  const lots = done.lots.map(({ became }) => became);
  const gone = lots.reduce((sum, became) => sum + (became?.rows ?? 0), 0);
  const kept = lots.reduce((sum, became) => sum + (became?.kept ?? 0), 0);
  check(scene, 'the purge stopped short of what is held: three invoices, and not one more', kept === 3);
  check(scene, 'everything else that was planned is gone', gone === before - 3);
  check(scene, 'the store has what the certificate says is left', (await database.records()) === kept);
  check(
    scene,
    'every partition was seen without the bytes of what went',
    lots.every((one) => one?.proved === true),
  );

  const archive = await certified(scene, done);
  await readAgain(scene, archive);
  await tampered(scene);
}

async function planned(scene: RetentionScene): Promise<Run> {
  const { narrator, client } = scene;
  narrator.step('A run is planned: exact counts, nothing done');
  const { id } = await client.post<Run>('/v1/retention-runs', { dryRun: false });
  const run = await inState(scene, id, 'waiting');
  await command(scene, 'retention', 'runs', 'show', id);
  check(scene, 'the plan counts every record that is to go', sumOf(run.lots) === (OLD.length + YEAR.length) * RECORDS);
  return run;
}

async function heldBetween(scene: RetentionScene, run: Run): Promise<void> {
  const { narrator, officer } = scene;
  narrator.step('Somebody else approves; before the purge, counsel places a hold');
  await command(scene, 'retention', 'runs', 'stop', run.id, '--before', 'purge');
  await command(scene, 'retention', 'runs', 'approve', run.id, '--digest', run.digest);
  await inState(scene, run.id, 'stopped');
  narrator.say('What goes to the archive is written and verified. Counsel hears of a claim:');
  const hold = {
    ...{ matter: 'Claim 7 of 2026', counsel: 'counsel', reason: 'claim', custodians: [], reviewEveryDays: 90 },
    scope: { processes: [PROCESS], keys: ['INV-201803-00007', 'INV-202405-00011', 'INV-202411-01999'] },
  };
  await officer.client.post('/v1/holds', hold);
  await command(scene, 'holds', 'list');
  await officer.client.post(`/v1/retention-runs/${run.id}/resume`);
}

async function certified(scene: RetentionScene, run: Run): Promise<string> {
  const { narrator, client, folder } = scene;
  narrator.step('The certificate, checked without asking anybody');
  const [file, keys] = [join(folder, 'gone.jws'), join(folder, 'keys.json')];
  writeFileSync(keys, JSON.stringify(await client.get('/v1/statement-keys')));
  const { keys: logKeys } = await client.get<{ keys: readonly string[] }>('/v1/audit/log');
  await command(scene, 'retention', 'certificates', 'save', run.certificate!, file);
  const verify = ['retention', 'certificates', 'verify', file, '--keys', keys, '--log-key', logKeys[0]!];
  const { code } = await command(scene, ...verify);
  check(scene, 'signature, entry and log of the certificate are good', code === 0);
  const { certificate } = await client.get<{
    certificate: { document: { lots: readonly { archive: string | null; period: string }[] } };
  }>(`/v1/certificates/${run.certificate!}`);
  return certificate.document.lots.find(({ period }) => period === '202407')!.archive!;
}

async function readAgain(scene: RetentionScene, archive: string): Promise<void> {
  const { narrator, client } = scene;
  narrator.step('An archive is asked where it lies, and restored for practice');
  const query = ['archive', 'query', archive, '--process', PROCESS, '--record-key', 'INV-202407-00042'];
  const { text } = await command(asAdmin(scene), ...query);
  check(scene, 'an invoice that left the store is found in the archive', text.includes('INV-202407-00042'));
  await client.post('/v1/archive-drills');
  const drill = await eventually(scene, 'a drill', PATIENCE_MS, async () => {
    const { items } = await client.get<{ items: readonly { state: string }[] }>('/v1/archive-drills');
    return items[0];
  });
  await command(scene, 'archive', 'drills');
  check(scene, 'the restored records are those that were archived, hash by hash', drill.state === 'passed');
}

async function tampered(scene: RetentionScene): Promise<void> {
  const { narrator, client, database } = scene;
  narrator.step('An administrator of the database alters a row of the audit log');
  const good = await command(asAdmin(scene), 'audit', 'verify');
  check(scene, 'the audit log is as it was written', good.code === 0);
  const { items } = await client.get<{ items: readonly { sequence: number; action: string }[] }>(
    '/v1/audit/entries?actor=admin&limit=1',
  );
  const { sequence } = items[0]!;
  await database.alterAuditRow(sequence);
  const found = await command(asAdmin(scene), 'audit', 'verify');
  check(scene, 'the row is found, by its number', found.code === 1 && found.text.includes(String(sequence)));
}

const sumOf = (lots: readonly Lot[]): number => lots.reduce((sum, { rows }) => sum + rows, 0);

const inState = (scene: RetentionScene, id: string, state: string): Promise<Run> =>
  eventually(scene, `the run is ${state}`, PATIENCE_MS, async () => {
    const run = await scene.client.get<Run>(`/v1/retention-runs/${id}`);
    return run.state === state ? run : undefined;
  });
