import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Canaries, spoolFolders, textsOfFiles, textsOfRuns, type Text } from '../canaries/canaries';
import { DAY, eventually, openStage, type Stage } from '../faults/stage';

const MINUTES = 300_000;
const PROCESS = 'patients';
/** Long enough that no chance makes them, and each in the form that its field has. */
const MARK = randomBytes(8).toString('hex');
const PLANTED = [`jane-${MARK}@clinic.example`, `Jane zq${MARK}`, `note-${MARK}`];
const canaries = new Canaries([MARK]);
/** Stands where the search has to find it: in a file of Temporal's. */
const CONTROL = `control-${randomBytes(8).toString('hex')}`;

let stage: Stage;
const answers: Text[] = [];
let spoolsDuring: string[] = [];

beforeAll(async () => {
  stage = await openStage({ LOG_LEVEL: 'trace' });
  const api = stage.client();
  await api.put('/v1/privacy-policies/default', await builtIn(), undefined);
  await api.put(
    `/v1/processes/${PROCESS}`,
    { stages: [{ id: 'clinic', role: 'source' }, { id: 'lab', role: 'target' }], graceSeconds: 0 }, // prettier-ignore
    undefined,
  );
  await crashInIntake();
}, MINUTES);

afterAll(async () => stage.close(false), MINUTES);

test(
  'after kill -9 of engine, worker and API in the middle of intake, no raw value is in a log, a history, an answer or a file that is left',
  async () => {
    const connection = await Connection.connect({ address: stage.stack.temporalAddress });
    const temporal = new Client({ connection });
    await temporal.workflow.start('control', { workflowId: CONTROL, taskQueue: 'nobody', args: [CONTROL] });
    const runs: { workflowId: string; runId: string }[] = [];
    await eventually('workflows are listed', async () => {
      runs.length = 0;
      for await (const { workflowId, runId } of temporal.workflow.list()) runs.push({ workflowId, runId });
      return runs.some(({ workflowId }) => workflowId === CONTROL) ? true : undefined;
    });
    const histories = await textsOfRuns(temporal, runs);
    await connection.close();

    const { dataDir } = stage.stack;
    const files = [...textsOfFiles(dataDir, [join(dataDir, 'clickhouse')])];
    const spools = spoolFolders(dataDir).flatMap((folder) => [...textsOfFiles(folder)]);
    const database = files.filter(({ place }) => place.startsWith('temporal'));

    // What is searched is there: the logs of all, a database that holds what was put there, spools that were in use, refusals.
    expect(files.map(({ place }) => place)).toEqual(
      expect.arrayContaining(['logs/api.log', 'logs/worker.log', 'logs/clickhouse.log', 'logs/temporal.log']),
    );
    expect(new Canaries([CONTROL]).in([...histories, ...database]).length).toBeGreaterThan(1);
    expect(new Canaries([CONTROL]).in(database).length).toBeGreaterThan(0);
    expect(spoolsDuring.length).toBeGreaterThan(0);
    expect(answers.some(({ place }) => place === '400')).toBe(true);

    expect(canaries.in([...histories, ...files, ...spools, ...answers])).toEqual([]);
    // Spools of engines that were killed went with the start of the next.
    expect(spoolFolders(dataDir).filter((one) => spoolsDuring.includes(one) && !isAlive(one))).toEqual([]);
  },
  MINUTES,
);

async function builtIn(): Promise<unknown> {
  const {
    id: _id,
    version: _version,
    changedBy: _by,
    changedAt: _at,
    ...body
  } = await stage.client().get<Record<string, unknown>>('/v1/privacy-policies/built-in');
  return body;
}

/** Senders that never stop, while one process after the other is killed and comes back. */
async function crashInIntake(): Promise<void> {
  let isOver = false;
  let acknowledged = 0;
  const sender = async (): Promise<void> => {
    for (let batch = 0; !isOver; batch++) if ((await send(lines(batch))) === 200) acknowledged++;
  };
  const senders = [sender(), sender(), sender()];
  try {
    for (const name of ['clickhouse', 'worker', 'api', 'clickhouse'] as const) {
      const before = acknowledged;
      await eventually('batches are stored', async () => (acknowledged > before + 3 ? true : undefined), 20);
      spoolsDuring = [...new Set([...spoolsDuring, ...spoolFolders(stage.stack.dataDir)])];
      expect(stage.stack.kill(name)).toBe(true);
      await stage.stack.ready();
    }
    const before = acknowledged;
    await eventually('batches are stored after the last crash', async () => (acknowledged > before ? true : undefined));
  } finally {
    isOver = true;
    await Promise.all(senders);
  }
  // Refusals that could quote what was sent.
  const wrong = [
    `{"id":"${PLANTED[0]!}"`,
    JSON.stringify({ [PLANTED[2]!]: PLANTED[1] }),
    `[${JSON.stringify(record(1, 1))},{"${MARK}`,
  ];
  for (const body of wrong) await send(body, 'application/json');
  await send(JSON.stringify([PLANTED[0]]), 'application/json', '/v1/privacy-policies/default/preview');
  await send(
    JSON.stringify({ rules: [{ class: PLANTED[0] }] }),
    'application/json',
    '/v1/privacy-policies/default',
    'PUT',
  );
}

const record = (batch: number, number: number) => ({
  id: `${batch}-${number}-${randomBytes(4).toString('hex')}`,
  source: 'clinic',
  process: PROCESS,
  stage: 'clinic',
  key: `P-${batch}-${number}`,
  type: 'visit',
  occurredAt: `${DAY}T10:10:00Z`,
  data: { email: PLANTED[0], patient: { fullName: PLANTED[1] }, note: PLANTED[2], filling: 'x'.repeat(200) },
});

const lines = (batch: number): string =>
  Array.from({ length: 500 }, (_, number) => JSON.stringify(record(batch, number))).join('\n');

/** One request, not repeated. @returns its status; 0 when nobody answered */
async function send(
  body: string,
  type = 'application/x-ndjson',
  path = '/v1/events',
  method = 'POST',
): Promise<number> {
  try {
    const response = await fetch(`${stage.stack.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${stage.stack.adminKey()}`, 'content-type': type },
      body,
    });
    answers.push({ place: String(response.status), text: await response.text() });
    return response.status;
  } catch {
    return 0;
  }
}

/** Whether the process that a spool belongs to still runs. */
function isAlive(spool: string): boolean {
  try {
    return process.kill(Number(spool.split('-').at(-2)), 0);
  } catch {
    return false;
  }
}
