import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { transformFileSync } from '@swc/core';
import { identityOf, withFileLock } from '.';

let directory: string;
let path: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-lock-'));
  path = join(directory, 'lock');
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

function idle(): ChildProcess {
  const module = join(directory, 'idle.js');
  writeFileSync(module, 'setInterval(() => undefined, 1000)');
  const child = fork(module);
  children.push(child);
  return child;
}

const heldBy = (pid: number): void => writeFileSync(path, JSON.stringify({ ...identityOf(pid), token: 'abcdefgh-1' }));

it('runs tasks of one process one after the other and leaves nothing behind', async () => {
  let inside = 0;
  const most: number[] = [];
  const task = async (): Promise<void> => {
    most.push(++inside);
    await delay(5);
    inside -= 1;
  };
  await Promise.all([1, 2, 3].map(() => withFileLock(path, task, { pollMs: 2 })));
  expect(most).toEqual([1, 1, 1]);
  expect(readdirSync(directory)).toEqual([]);
});

it('lets go when the task fails, and passes the failure on', async () => {
  await expect(withFileLock(path, () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
  expect(existsSync(path)).toBe(false);
});

it('waits for a holder that lives, says for whom, and goes on when that one is killed', async () => {
  const holder = idle();
  heldBy(holder.pid!);
  const waitedFor: (number | undefined)[] = [];
  const onWait = (pid: number | undefined): void => {
    waitedFor.push(pid);
    holder.kill('SIGKILL');
  };
  expect(await withFileLock(path, async () => 'done', { onWait, pollMs: 5 })).toBe('done');
  expect(waitedFor).toEqual([holder.pid]);
  expect(readdirSync(directory)).toEqual(['idle.js']);
});

it('passes over a holder whose pid somebody else has now', async () => {
  writeFileSync(path, JSON.stringify({ pid: idle().pid, started: 'another time', token: 'abcdefgh-1' }));
  expect(await withFileLock(path, async () => 'done')).toBe('done');
});

it('passes over a process that died while it removed the lock of another dead one', async () => {
  const dead = { pid: process.pid, started: 'another time' };
  writeFileSync(path, JSON.stringify({ ...dead, token: 'abcdefgh-1' }));
  writeFileSync(`${path}.abcdefgh`, JSON.stringify({ ...dead, token: 'ijklmnop-1' }));
  expect(await withFileLock(path, async () => 'done')).toBe('done');
  expect(readdirSync(directory)).toEqual([]);
});

it('keeps processes apart, also when they are killed inside', async () => {
  for (const name of ['file-lock', 'identity']) {
    const { code } = transformFileSync(join(__dirname, `${name}.ts`), {
      swcrc: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    });
    writeFileSync(join(directory, `${name}.js`), code);
  }
  const counter = join(directory, 'counter');
  writeFileSync(counter, '0');
  // Reads and writes apart: two inside at once would lose a count. The last of each process is killed inside.
  writeFileSync(
    join(directory, 'count.js'),
    `const { withFileLock } = require('./file-lock');
     const { readFileSync, writeFileSync } = require('node:fs');
     const { setTimeout: delay } = require('node:timers/promises');
     const one = (last) => withFileLock(${JSON.stringify(path)}, async () => {
       const count = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'));
       await delay(1);
       writeFileSync(${JSON.stringify(counter)}, String(count + 1));
       if (last) process.kill(process.pid, 'SIGKILL');
     }, { pollMs: 1 });
     (async () => { for (let i = 1; i <= 25; i++) await one(i === 25); })();`,
  );
  const counters = [1, 2, 3, 4].map(() => fork(join(directory, 'count.js')));
  children.push(...counters);
  const exits = await Promise.all(counters.map((child) => once(child, 'exit')));
  expect(exits.map(([, signal]) => signal)).toEqual(Array(4).fill('SIGKILL'));
  expect(readFileSync(counter, 'utf8')).toBe('100');
});
