import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@holdfast/platform/processes';
import { startTemporalServer } from '@holdfast/platform/temporal-server';
import { startEmbeddedClickHouse } from '@holdfast/platform/testing';
import { type Benchmark, median, rounded } from './benchmark';

const MAIN = join(__dirname, '../apps/standalone/main.js');
const TARGET_SECONDS = 8;

/** Runs what `npm start` runs until it says that it is ready, then asks /readyz. @returns seconds */
async function startAndStop(dataDir: string, port: number): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [MAIN, '--data', dataDir, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  try {
    await saysReady(child);
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    if (!answer.ok) throw new Error(`/readyz answers ${answer.status}`);
    return (performance.now() - startedAt) / 1000;
  } finally {
    child.kill('SIGINT');
    await exited;
  }
}

function saysReady(child: ChildProcess): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    const listen = (text: string): void => {
      said += text;
      if (said.includes('Holdfast is ready')) resolve();
    };
    child.stdout?.setEncoding('utf8').on('data', listen);
    child.stderr?.setEncoding('utf8').on('data', listen);
    child.once('exit', () => reject(new Error(`did not start: ${said}`)));
  });
}

/** The engine and Temporal alone, side by side: no start can be faster. @returns seconds */
async function startServersAlone(dataDir: string): Promise<number> {
  const startedAt = performance.now();
  const [engine, temporal] = await Promise.all([
    startEmbeddedClickHouse({ dataDir: join(dataDir, 'clickhouse') }),
    startTemporalServer({ dataDir: join(dataDir, 'temporal') }),
  ]);
  const seconds = (performance.now() - startedAt) / 1000;
  await temporal.stop();
  await engine.stop();
  return seconds;
}

export const start: Benchmark = {
  name: 'start',
  about:
    '`npm start` to ready in a directory that was used before, against engine and Temporal alone, p50 (--rounds 7)',
  async run(options) {
    const rounds = Number(options['rounds'] ?? 7);
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-start-'));
    try {
      const [whole, alone] = [join(directory, 'whole'), join(directory, 'alone')];
      const port = await freePort();
      const first = await startAndStop(whole, port);
      await startServersAlone(alone);
      const [own, bare]: [number[], number[]] = [[], []];
      for (let round = 1; round <= rounds; round++) {
        own.push(await startAndStop(whole, port));
        bare.push(await startServersAlone(alone));
        console.error(`round ${round}: ${rounded(own.at(-1)!)} s, servers alone ${rounded(bare.at(-1)!)} s`);
      }
      const [figure, baseline] = [median(own), median(bare)];
      return {
        figure: rounded(figure),
        unit: 's',
        baseline: rounded(baseline),
        ratio: rounded(figure / baseline),
        target: TARGET_SECONDS,
        rounds,
        slowest_s: rounded(Math.max(...own)),
        first_start_s: rounded(first),
      };
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};
