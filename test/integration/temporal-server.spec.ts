import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, identityOf, InUseError, Supervisor } from '@holdfast/platform/processes';
import {
  acquireTemporal,
  planTemporalServer,
  startTemporalServer,
  temporalReady,
  type TemporalServer,
} from '@holdfast/platform/temporal-server';
import { startTestTemporal, startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, NativeConnection, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

jest.setTimeout(180_000);

const TASK_QUEUE = 'temporal-server-spec';

/** A workflow that does one activity before and one after a signal, and one that sleeps for a year. */
const WORKFLOWS = `
const { proxyActivities, defineSignal, setHandler, condition, sleep } = require('@temporalio/workflow');
const { shout } = proxyActivities({ startToCloseTimeout: '30s' });
exports.twoHops = async (word) => {
  let released = false;
  setHandler(defineSignal('release'), () => { released = true; });
  const first = await shout(word);
  await condition(() => released);
  return [first, await shout('again')];
};
exports.year = async () => { await sleep('365 days'); return 'a year later'; };
`;

let folder: string;
let workflowBundle: WorkflowBundleWithSourceMap;
const calls: string[] = [];
const activities = {
  shout: async (word: string): Promise<string> => {
    calls.push(word);
    return word.toUpperCase();
  },
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-temporal-spec-'));
  const workflowsPath = join(folder, 'workflows.js');
  writeFileSync(workflowsPath, WORKFLOWS);
  const logger = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  // The workflows stand outside the repository, so the bundler is told where packages are.
  workflowBundle = await bundleWorkflowCode({
    workflowsPath,
    logger,
    webpackConfigHook: (config) => ({
      ...config,
      resolve: { ...config.resolve, modules: [join(__dirname, '../../node_modules')] },
    }),
  });
  await acquireTemporal();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a worker and a client against a server while `task` runs. */
async function connected<T>(address: string, task: (client: Client) => Promise<T>): Promise<T> {
  const native = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  try {
    const queue = { connection: native, taskQueue: TASK_QUEUE, workflowBundle, activities };
    // Without a cache: the server would wait ten seconds for the worker that had the workflow before.
    const worker = await Worker.create({ ...queue, maxCachedWorkflows: 0 });
    return await worker.runUntil(task(new Client({ connection })));
  } finally {
    await connection.close();
    await native.close();
  }
}

describe('a development server', () => {
  const servers: TemporalServer[] = [];
  const start = async (dataDir: string): Promise<TemporalServer> => {
    const server = await startTemporalServer({ dataDir, headless: true });
    servers.push(server);
    return server;
  };

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  it('keeps a running workflow over kill -9 and goes on with it on the same database', async () => {
    const dataDir = join(folder, 'survives');
    const first = await start(dataDir);
    await connected(first.address, async (client) => {
      await client.workflow.start('twoHops', { taskQueue: TASK_QUEUE, workflowId: 'survivor', args: ['hello'] });
      // Waits until the worker has said what follows the activity, so that it holds no task when it goes.
      const done = async (): Promise<boolean> => {
        const events = (await client.workflow.getHandle('survivor').fetchHistory()).events ?? [];
        const activityAt = events.findIndex((event) => event.activityTaskCompletedEventAttributes);
        return activityAt >= 0 && events.slice(activityAt).some((event) => event.workflowTaskCompletedEventAttributes);
      };
      while (!(await done()));
    });
    await first.kill();
    expect(identityOf(first.pid)).toBeUndefined();
    await expect(temporalReady(first.address, 'default')).rejects.toThrow();

    const second = await start(dataDir);
    const result = await connected(second.address, async (client) => {
      const handle = client.workflow.getHandle('survivor');
      expect((await handle.describe()).status.name).toBe('RUNNING');
      await handle.signal('release');
      return handle.result();
    });
    expect(result).toEqual(['HELLO', 'AGAIN']);
    // The first activity's result came from the database, it was not done again.
    expect(calls).toEqual(['hello', 'again']);
  });

  it('can be worked with when it says that it is ready, and not before', async () => {
    const port = await freePort();
    await expect(temporalReady(`127.0.0.1:${port}`, 'default')).rejects.toThrow();
    const dataDir = join(folder, 'ready');
    const server = await startTemporalServer({ dataDir, port, headless: true, namespace: 'other' });
    servers.push(server);
    expect(server.address).toBe(`127.0.0.1:${port}`);
    await expect(temporalReady(server.address, 'missing')).rejects.toThrow();
    const connection = await Connection.connect({ address: server.address });
    const client = new Client({ connection, namespace: 'other' });
    // The very first call after readiness, without a retry.
    await client.workflow.start('year', { taskQueue: 'nobody', workflowId: 'first' });
    await connection.close();
  });

  it('comes back at the same address under a supervisor after kill -9', async () => {
    const dataDir = join(folder, 'supervised');
    const { address, child } = await planTemporalServer({ dataDir, headless: true });
    const supervisor = new Supervisor({ directory: dataDir });
    try {
      const { pid } = await supervisor.start({ ...child, backoff: { firstMs: 10 } });
      const restarted = once(supervisor, 'restarted');
      process.kill(pid, 'SIGKILL');
      await restarted;
      expect(supervisor.pid('temporal')).not.toBe(pid);
      expect(await temporalReady(address, 'default')).toBe(true);
    } finally {
      await supervisor.stop();
    }
    await expect(temporalReady(address, 'default')).rejects.toThrow('ECONNREFUSED');
  });

  it('runs once per directory', async () => {
    const dataDir = join(folder, 'once');
    const server = await start(dataDir);
    const record = join(dataDir, 'temporal.process.json');
    // As if another live process had started it.
    const written = JSON.parse(readFileSync(record, 'utf8'));
    writeFileSync(record, JSON.stringify({ ...written, owner: identityOf(process.ppid) }));
    await expect(startTemporalServer({ dataDir, headless: true })).rejects.toThrow(InUseError);
    expect(await temporalReady(server.address, 'default')).toBe(true);
  });

  it('begins anew when its first start was interrupted before its tables were complete', async () => {
    const dataDir = join(folder, 'interrupted');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'temporal.db'), '');
    writeFileSync(join(dataDir, 'temporal.db.creating'), '');
    const server = await start(dataDir);
    expect(existsSync(join(dataDir, 'temporal.db.unfinished'))).toBe(true);
    await server.kill();
    // A finished one is kept, whatever happened later.
    const again = await start(dataDir);
    expect(await temporalReady(again.address, 'default')).toBe(true);
    expect(existsSync(join(dataDir, 'temporal.db.creating'))).toBe(false);
  });

  it('says what is wrong when it cannot start', async () => {
    const taken = await start(join(folder, 'taken'));
    const port = Number(taken.address.split(':')[1]);
    const second = startTemporalServer({ dataDir: join(folder, 'second'), headless: true, port });
    await expect(second).rejects.toThrow(`temporal cannot start: port ${port} is in use`);
    const third = startTemporalServer({ dataDir: join(folder, 'third'), headless: true, extraArgs: ['--colour'] });
    await expect(third).rejects.toThrow(/temporal ended with exit code 1[^]*unknown flag: --colour/);
  });

  it('has a web UI unless headless', async () => {
    const server = await startTemporalServer({ dataDir: join(folder, 'ui') });
    servers.push(server);
    expect((await fetch(server.uiAddress!)).status).toBe(200);
  });

  it('for tests leaves no directory behind', async () => {
    const server = await startTestTemporal();
    expect(existsSync(server.dataDir)).toBe(true);
    expect(server.uiAddress).toBeUndefined();
    await server.stop();
    expect(existsSync(server.dataDir)).toBe(false);
  });
});

describe('the time-skipping server', () => {
  it('lets a year pass at once', async () => {
    const environment = await startTimeSkipping();
    try {
      const before = await environment.currentTimeMs();
      const { nativeConnection: connection, client } = environment;
      const worker = await Worker.create({ connection, taskQueue: TASK_QUEUE, workflowBundle, activities });
      const options = { taskQueue: TASK_QUEUE, workflowId: 'year' };
      expect(await worker.runUntil(client.workflow.execute('year', options))).toBe('a year later');
      expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(365 * 86_400_000);
    } finally {
      await environment.teardown();
    }
  });
});
