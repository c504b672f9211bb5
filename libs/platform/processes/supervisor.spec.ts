import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { transformFileSync } from '@swc/core';
import { ChildNotReadyError, freePort, identityOf, InUseError, Supervisor, type ChildSpec } from '.';

jest.setTimeout(60_000);

let directory: string;
let journal: string;
let supervisor: Supervisor;
const strays: ChildProcess[] = [];

/** What children wrote, one line each. */
const journalLines = (): string[] => readFileSync(journal, 'utf8').split('\n').filter(Boolean);
const isRunning = (pid: number): boolean => identityOf(pid) !== undefined;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(10);
}

/** The folder's modules as plain JavaScript, for processes that run without jest. */
function compiled(): string {
  const target = join(directory, 'compiled');
  rmSync(target, { recursive: true, force: true });
  for (const file of readdirSync(__dirname).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))) {
    const { code } = transformFileSync(join(__dirname, file), {
      swcrc: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    });
    write(join('compiled', file.replace(/ts$/, 'js')), code);
  }
  return target;
}

function write(name: string, text: string): string {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const NOTE = `const note = (text) => require('node:fs').appendFileSync(process.env.JOURNAL, text + '\\n');`;

/** A node child that listens, says so, notes its end and, as every good child, goes with its parent. */
const nodeChild = (name: string, more: Partial<ChildSpec> = {}): ChildSpec => ({
  name,
  module: write(
    'child.js',
    `${NOTE}
    const name = process.argv[2];
    const server = require('node:net').createServer().listen(0, '127.0.0.1', () => {
      console.log(name + ' listens');
      note(name + ' up ' + process.pid);
      process.send({ ready: true, port: server.address().port });
    });
    const stop = (why) => { note(name + ' ' + why); process.exit(0); };
    process.on('SIGTERM', () => setTimeout(stop, 30, 'stopped'));
    process.on('disconnect', () => stop('parent gone'));`,
  ),
  args: [name],
  env: { JOURNAL: journal },
  ready: { by: 'message' },
  ...more,
});

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });

/** A program that knows nothing of supervisors; it notes its guard's pid. */
const program = (name: string, port: number, more: Partial<ChildSpec> = {}): ChildSpec => ({
  name,
  command: process.execPath,
  args: [
    '-e',
    `${NOTE} note('${name} up ' + process.pid + ' ' + process.ppid);
     process.on('SIGTERM', () => { note('${name} stopped'); process.exit(0); });
     require('node:net').createServer().listen(${port}, '127.0.0.1')`,
  ],
  env: { JOURNAL: journal },
  ready: { by: 'probe', probe: () => answers(port) },
  ...more,
});

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-processes-'));
  journal = write('journal', '');
  supervisor = new Supervisor({ directory: join(directory, 'state') });
});

afterEach(async () => {
  await supervisor.stop();
  for (const stray of strays.splice(0)) stray.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

describe('starting', () => {
  it('waits for the message of a node child and gives its port', async () => {
    const { pid, port } = await supervisor.start(nodeChild('api'));
    expect(await answers(port!)).toBe(true);
    expect(journalLines()).toEqual([`api up ${pid}`]);
    expect(supervisor.pid('api')).toBe(pid);
  });

  it("waits until a program's probe succeeds and gives the program's own pid", async () => {
    const port = await freePort();
    const { pid } = await supervisor.start(program('db', port));
    const [, , noted, guard] = journalLines()[0]!.split(' ');
    expect(pid).toBe(Number(noted));
    expect(pid).not.toBe(Number(guard));
    expect(await answers(port)).toBe(true);
  });

  it('fails at once, with the end of the log, when a child ends before it is ready', async () => {
    const module = write('broken.js', `console.error('no such setting: COLOUR'); process.exit(3);`);
    const start = supervisor.start({ name: 'broken', module, ready: { by: 'message' } });
    await expect(start).rejects.toThrow(ChildNotReadyError);
    await expect(start).rejects.toThrow(/exit code 3 before it was ready[^]*no such setting: COLOUR/);
    expect(supervisor.pid('broken')).toBeUndefined();
  });

  it('fails when the program does not exist', async () => {
    const spec = { name: 'none', command: join(directory, 'none'), ready: { by: 'message' } } as const;
    await expect(supervisor.start(spec)).rejects.toThrow(/did not start: .*ENOENT/);
  });

  it('gives up on a child that never gets ready, says why, and ends it', async () => {
    const port = await freePort();
    const probe = (): Promise<boolean> => Promise.reject(new Error('shard not owned'));
    const start = supervisor.start(program('slow', port, { ready: { by: 'probe', probe }, readyTimeoutMs: 500 }));
    const exited = once(supervisor, 'exited');
    await expect(start).rejects.toThrow('slow was not ready within 500 ms (shard not owned)');
    const [{ pid }] = await exited;
    expect(isRunning(pid)).toBe(false);
  });
});

describe('ports', () => {
  it('refuses to start a child on a port that somebody else answers on', async () => {
    const { port } = await supervisor.start(nodeChild('other'));
    const start = supervisor.start(program('db', port!, { ports: [port!] }));
    await expect(start).rejects.toThrow(`db cannot start: port ${port!} is in use`);
    expect(journalLines()).toHaveLength(1);
  });
});

describe('restarting', () => {
  it.each(['node child', 'program'])('starts a %s again after kill -9', async (kind) => {
    const port = await freePort();
    const backoff = { firstMs: 10 };
    const { pid } = await supervisor.start(
      kind === 'program' ? program('x', port, { backoff }) : nodeChild('x', { backoff }),
    );
    const exited = once(supervisor, 'exited');
    const restarted = once(supervisor, 'restarted');
    process.kill(pid, 'SIGKILL');
    expect(await exited).toEqual([{ name: 'x', pid, expected: false, code: null, signal: 'SIGKILL' }]);
    const [again] = await restarted;
    expect(again).toMatchObject({ name: 'x', restarts: 1, pid: supervisor.pid('x') });
    expect(again.pid).not.toBe(pid);
    expect(await answers(kind === 'program' ? port : again.port)).toBe(true);
  });

  it('ends the program of a killed guard before it starts the next', async () => {
    const port = await freePort();
    const { pid } = await supervisor.start(program('db', port, { backoff: { firstMs: 10 } }));
    const guard = Number(journalLines()[0]!.split(' ')[3]);
    const exited = once(supervisor, 'exited');
    const restarted = once(supervisor, 'restarted');
    process.kill(guard, 'SIGKILL');
    await exited;
    expect(isRunning(pid)).toBe(false);
    await restarted;
    expect(await answers(port)).toBe(true);
  });

  it('waits twice as long after each crash in a row, up to a bound', async () => {
    const backoff = { firstMs: 50, maxMs: 200 };
    const { pid } = await supervisor.start(nodeChild('x', { backoff }));
    const gaps: number[] = [];
    let endedAt = 0;
    supervisor.on('exited', () => (endedAt = performance.now()));
    process.kill(pid, 'SIGKILL');
    while (gaps.length < 4) {
      const [again] = await once(supervisor, 'restarted');
      gaps.push(performance.now() - endedAt);
      process.kill(again.pid, 'SIGKILL');
    }
    expect(gaps.map((gap, i) => gap >= [49, 99, 199, 199][i]!)).toEqual([true, true, true, true]);
  });

  it('begins with the shortest wait again after a child has been up for a while', async () => {
    // Without the reset the tenth restart would come after 51 s of waiting at least, later than the test may take.
    const backoff = { firstMs: 50, maxMs: 3_600_000, resetAfterMs: 0 };
    let { pid } = await supervisor.start(nodeChild('x', { backoff }));
    for (let restarts = 1; restarts <= 10; restarts++) {
      const restarted = once(supervisor, 'restarted');
      process.kill(pid, 'SIGKILL');
      [{ pid }] = await restarted;
    }
    expect(supervisor.pid('x')).toBe(pid);
  }, 50_000);

  it('tries again when a restart does not succeed', async () => {
    const flag = write('flag', '');
    const module = write(
      'flaky.js',
      `require('node:fs').statSync(process.argv[2]); process.send({ ready: true }); setInterval(() => {}, 1000)`,
    );
    const backoff = { firstMs: 10, maxMs: 20 };
    const { pid } = await supervisor.start({ name: 'flaky', module, args: [flag], backoff, ready: { by: 'message' } });
    rmSync(flag);
    const failed = once(supervisor, 'failed');
    process.kill(pid, 'SIGKILL');
    const [{ error }] = await failed;
    expect(error.message).toContain('ENOENT');
    const restarted = once(supervisor, 'restarted');
    write('flag', '');
    const [again] = await restarted;
    expect(isRunning(again.pid)).toBe(true);
  });
});

describe('stopping', () => {
  it('stops the last started first, each before the next, and starts nothing again', async () => {
    const port = await freePort();
    await supervisor.start(program('one', port));
    await supervisor.start(nodeChild('two'));
    await supervisor.start(nodeChild('three'));
    const pids = ['one', 'two', 'three'].map((name) => supervisor.pid(name)!);
    const exits: boolean[] = [];
    supervisor.on('exited', ({ expected }) => exits.push(expected));
    await supervisor.stop();
    expect(journalLines().slice(3)).toEqual(['three stopped', 'two stopped', 'one stopped']);
    expect(exits).toEqual([true, true, true]);
    expect(pids.filter(isRunning)).toEqual([]);
    await expect(supervisor.start(nodeChild('four'))).rejects.toThrow('has been stopped');
  });

  it.each(['node child', 'program'])('kills a %s that does not stop in time', async (kind) => {
    const deaf = `process.on('SIGTERM', () => undefined); process.on('disconnect', () => undefined);
      setInterval(() => undefined, 1000); process.send?.({ ready: true }); console.log('deaf');`;
    const module = write('deaf.js', deaf);
    const ready = {
      by: 'probe',
      probe: async () => readFileSync(supervisor.logPath('deaf'), 'utf8').includes('deaf'),
    } as const;
    const { pid } = await supervisor.start({
      name: 'deaf',
      ready,
      stopDeadlineMs: 200,
      ...(kind === 'program' ? { command: process.execPath, args: [module] } : { module }),
    });
    const exited = once(supervisor, 'exited');
    await supervisor.stop();
    expect(await exited).toMatchObject([{ pid, signal: 'SIGKILL', expected: true }]);
    expect(isRunning(pid)).toBe(false);
  });

  it('ends a child that is waiting to be restarted', async () => {
    const { pid } = await supervisor.start(nodeChild('x', { backoff: { firstMs: 3_600_000, maxMs: 3_600_000 } }));
    const exited = once(supervisor, 'exited');
    process.kill(pid, 'SIGKILL');
    await exited;
    await supervisor.stop();
    expect(supervisor.pid('x')).toBeUndefined();
  });

  it('ends a child that is still being started', async () => {
    const port = await freePort();
    const spec = program('x', port, { ready: { by: 'probe', probe: async () => false } });
    const start = supervisor.start(spec);
    const refused = expect(start).rejects.toThrow('x was stopped before it was ready');
    await until(() => journalLines().length === 1);
    await supervisor.stop();
    await refused;
    expect(isRunning(Number(journalLines()[0]!.split(' ')[2]))).toBe(false);
  });
});

describe('logs', () => {
  it('appends output and errors to a file per child, and sets a large one aside at the next start', async () => {
    supervisor = new Supervisor({ directory: join(directory, 'state'), maxLogBytes: 10 });
    const module = write(
      'talk.js',
      `console.log('to output'); console.error('to errors'); process.send({ ready: true }); setInterval(() => {}, 1000)`,
    );
    const { pid } = await supervisor.start({ name: 'talk', module, ready: { by: 'message' }, backoff: { firstMs: 1 } });
    const path = supervisor.logPath('talk');
    expect(readFileSync(path, 'utf8')).toBe('to output\nto errors\n');
    const restarted = once(supervisor, 'restarted');
    process.kill(pid, 'SIGKILL');
    await restarted;
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('to output\nto errors\n');
    expect(readFileSync(path, 'utf8')).toBe('to output\nto errors\n');
    expect(statSync(path).size).toBe(20);
  });
});

describe('when the supervisor is killed', () => {
  /** A supervisor in a process of its own, with one node child and one program. */
  async function otherSupervisor(
    port: number,
  ): Promise<{ process: ChildProcess; api: number; db: number; guard: number }> {
    const parts = compiled();
    const api = write(
      'api.js',
      `
      ${NOTE}
      const { announceReady, whenParentGone } = require(${JSON.stringify(join(parts, 'parent.js'))});
      setInterval(() => undefined, 1000);
      whenParentGone(() => { note('api parent gone'); process.exit(0); });
      note('api up ' + process.pid);
      announceReady(1);`,
    );
    const main = write(
      'main.js',
      `
      const { Supervisor } = require(${JSON.stringify(join(parts, 'index.js'))});
      const probe = () => new Promise((resolve) => {
        const socket = require('node:net').connect(${port}, '127.0.0.1', () => { socket.destroy(); resolve(true); });
        socket.once('error', () => resolve(false));
      });
      const supervisor = new Supervisor({ directory: ${JSON.stringify(join(directory, 'state'))} });
      const db = ${JSON.stringify(program('db', port))};
      supervisor.start({ ...db, ready: { by: 'probe', probe } })
        .then(() => supervisor.start({ name: 'api', module: ${JSON.stringify(api)}, env: db.env, ready: { by: 'message' } }))
        .then(() => process.send('up'));`,
    );
    const child = fork(main, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    strays.push(child);
    await once(child, 'message');
    const [db, node] = journalLines().map((line) => line.split(' ').map(Number));
    return { process: child, db: db![2]!, guard: db![3]!, api: node![2]! };
  }

  it('all children end, a program by its guard, a node child by itself', async () => {
    const other = await otherSupervisor(await freePort());
    other.process.kill('SIGKILL');
    await until(() => !isRunning(other.db) && !isRunning(other.api) && !isRunning(other.guard));
    expect(journalLines().slice(2).sort()).toEqual(['api parent gone', 'db stopped']);
  });

  it('its successor ends what was left nevertheless, before it starts the same again', async () => {
    const port = await freePort();
    const other = await otherSupervisor(port);
    // Stopped first, so that it cannot react to the end of the guard.
    other.process.kill('SIGSTOP');
    process.kill(other.guard, 'SIGKILL');
    other.process.kill('SIGKILL');
    await until(() => !isRunning(other.process.pid!) && !isRunning(other.guard));
    expect(isRunning(other.db)).toBe(true);
    const leftover = once(supervisor, 'leftover');
    const { pid } = await supervisor.start(program('db', port));
    expect(await leftover).toEqual([{ name: 'db', pid: other.db }]);
    expect(isRunning(other.db)).toBe(false);
    expect(isRunning(pid)).toBe(true);
  });

  it('a second supervisor is refused while the first lives, and does the first no harm', async () => {
    const port = await freePort();
    const other = await otherSupervisor(port);
    await expect(supervisor.start(program('db', await freePort()))).rejects.toThrow(InUseError);
    expect(isRunning(other.db)).toBe(true);
    other.process.kill('SIGKILL');
    await until(() => !isRunning(other.db) && !isRunning(other.api));
  });

  it('leaves a process alone that has got the pid of an earlier child', async () => {
    const innocent = fork(write('idle.js', 'setInterval(() => undefined, 1000)'));
    strays.push(innocent);
    const earlier = { pid: innocent.pid!, started: 'another time' };
    write('state/run/db.json', JSON.stringify({ child: earlier, owner: earlier }));
    await supervisor.start(program('db', await freePort()));
    expect(isRunning(innocent.pid!)).toBe(true);
  });
});
