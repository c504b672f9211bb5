import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EvidenceStore } from '@holdfast/domains/reconciliation/evidence.store';
import { IntakeCommitter } from '@holdfast/domains/tracking/intake/committer';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';
import { at, countsOf, event, IntakeStack, NONE, ORDERS, until, type Reply } from './stack';

jest.setTimeout(120_000);

/** A batch of records of about 500 bytes each. */
const batch = (source: string, number: number, rows = 200) =>
  Array.from({ length: rows }, (_, i) =>
    event({
      source,
      id: `${number}-${i}`,
      key: `${source}-${number}-${i}`,
      data: { amount: i, filling: 'x'.repeat(250) },
    }),
  );

/** How many events of the process count in the window of all of them. */
async function counted(stack: IntakeStack): Promise<number> {
  const window = { process: 'orders', from: at('2026-11-20T00:00:00Z'), to: at('2026-11-21T00:00:00Z') };
  const digests = await new EvidenceStore(stack.clickhouse).digests(window);
  return digests.reduce((sum, { events }) => sum + events, 0);
}

describe('intake when the engine fails', () => {
  let engine: EmbeddedClickHouse;
  let stack: IntakeStack;

  beforeEach(async () => {
    engine = await startEmbeddedClickHouse();
    stack = await IntakeStack.start(engine, { HOLDFAST_INTAKE_MEMORY_BYTES: 2_000_000 });
    await stack.putProcess('orders', ORDERS);
  });
  afterEach(async () => {
    await stack.stop();
    await engine.stop();
    rmSync(engine.dataDir, { recursive: true, force: true }); // one that was given its directory has left it
  });

  it('a stalled engine: memory stays bounded, intake answers 429 with Retry-After, and everything goes on afterwards', async () => {
    expect((await stack.postLines(batch('warm', 0))).status).toBe(200);
    const committer = stack.api.app.get<{ readonly held: number }>(IntakeCommitter);
    engine.process.kill('SIGSTOP');
    const answers: Promise<Reply>[] = [];
    try {
      // 6 bodies of 1.2 MB at once: four times as much as may be held.
      for (let number = 0; number < 6; number++) answers.push(stack.postLines(batch('stalled', number, 2_500)));
      const refused = await until('a 429', async () => {
        const probe = stack.postLines(batch('probe', answers.length, 1));
        const first = await Promise.race([
          probe,
          new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 200)),
        ]);
        if (first?.status === 429) return first;
        answers.push(probe);
        return undefined;
      });
      expect(refused.body['code']).toBe('intake_full');
      expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(refused.body['retryable']).toBe(true);
      // Beyond the limit, each connection has what came with its last read.
      expect(committer.held).toBeLessThan(2_000_000 + answers.length * 400_000);
    } finally {
      engine.process.kill('SIGCONT');
    }
    const all = await Promise.all(answers);
    const done = all.filter(({ status }) => status === 200);
    expect(all.filter(({ status }) => status !== 200 && status !== 429).map(({ status }) => status)).toEqual([]);
    const stored = done.reduce((sum, { body }) => sum + (body['stored'] as number), 0);
    expect(await counted(stack)).toBe(stored + 200);
    expect(committer.held).toBe(0);
    // What was refused is taken now.
    for (let number = 0; number < 6; number++) {
      const again = await stack.postLines(batch('stalled', number, 2_500));
      expect([again.status, (again.body['stored'] as number) + (again.body['duplicate'] as number)]).toEqual([
        200, 2_500,
      ]);
    }
    expect(countsOf(await stack.account('stalled')).stored).toBe(15_000);
  });

  it('an engine that is killed again and again: nothing acknowledged is lost, nothing is there twice', async () => {
    const { dataDir, password } = engine;
    const port = Number(new URL(engine.url).port);
    const acknowledged = new Set<number>();
    let next = 0;
    let stop = false;
    const statuses = new Set<number>();
    const sender = async (): Promise<void> => {
      while (!stop) {
        const number = next++;
        for (let status = 0; status !== 200 && !stop;) {
          ({ status } = await stack.postLines(batch('killed', number)));
          statuses.add(status);
          if (status === 200) acknowledged.add(number);
        }
      }
    };
    const senders = [sender(), sender(), sender()];
    for (let round = 0; round < 3; round++) {
      const before = acknowledged.size;
      await until('some batches', async () => acknowledged.size >= before + 4);
      await engine.kill();
      engine = await startEmbeddedClickHouse({ dataDir, port, password });
    }
    const before = acknowledged.size;
    await until('batches after the last crash', async () => acknowledged.size >= before + 4);
    stop = true;
    await Promise.all(senders);
    expect([...statuses].filter((status) => ![200, 429, 503].includes(status))).toEqual([]);
    // Every batch once more: those that were acknowledged are there, whole.
    let stored = 0;
    for (let number = 0; number < next; number++) {
      const { status, body } = await stack.postLines(batch('killed', number));
      expect(status).toBe(200);
      stored += body['stored'] as number;
      if (acknowledged.has(number)) expect(countsOf(body)).toEqual({ ...NONE, received: 200, duplicate: 200 });
      else expect([0, 200]).toContain(body['stored']); // a batch is one insert: whole or not at all
    }
    expect(stored).toBeLessThanOrEqual((next - acknowledged.size) * 200);
    expect(countsOf(await stack.account('killed')).stored).toBe(next * 200);
    expect(await counted(stack)).toBe(next * 200);
  });

  it('an API that starts again knows what was stored, from its first request on', async () => {
    for (let number = 0; number < 10; number++) await stack.postLines(batch('again', number));
    stack = await stack.restart(engine);
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, number) => stack.postLines(batch('again', number))),
    );
    expect(replies.map(({ body }) => countsOf(body))).toEqual(
      replies.map(() => ({ ...NONE, received: 200, duplicate: 200 })),
    );
    // A key of which no event carries its origin is known to be such, also to a process that never saw one.
    const without = event({ source: 'late', id: '1', key: 'late', stage: 'erp', originAt: undefined });
    await stack.post([without]);
    stack = await stack.restart(engine);
    await stack.post([event({ source: 'late', id: '2', key: 'late', originAt: '2026-11-20T03:00:00Z' })]);
    const window = { process: 'orders', from: at('2026-11-20T03:00:00Z'), to: at('2026-11-20T04:00:00Z') };
    expect(await new EvidenceStore(stack.clickhouse).digests(window)).toMatchObject([
      { stage: 'erp', events: 1 },
      { stage: 'shop', events: 1 },
    ]);
  });
});

/** A small disk of its own, where this may be had. */
function mountDisk(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false; // needs root
  }
}

describe('intake when the disk is full', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-disk-'));
  const mounted = mountDisk(folder);
  afterAll(() => {
    if (mounted) execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  (mounted ? it : it.skip)('503, nothing acknowledged is lost, and it recovers once there is room', async () => {
    const dataDir = join(folder, 'data');
    mkdirSync(dataDir);
    const engine = await startEmbeddedClickHouse({ dataDir, env: { CLICKHOUSE_SPOOL_DIR: folder } });
    const stack = await IntakeStack.start(engine);
    try {
      await stack.putProcess('orders', ORDERS);
      const acknowledged: number[] = [];
      const post = (number: number) => stack.postLines(batch('disk', number, 1_000));
      for (; acknowledged.length < 5; acknowledged.push(acknowledged.length))
        expect((await post(acknowledged.length)).status).toBe(200);
      // Something else takes all the room.
      const { bavail, bsize } = statfsSync(folder);
      const hog = join(folder, 'hog');
      writeFileSync(hog, Buffer.alloc(bavail * bsize - 200_000));
      let number = acknowledged.length;
      const refused = await until('a refusal', async () => {
        const answer = await post(number);
        if (answer.status !== 200) return answer;
        acknowledged.push(number++);
        return undefined;
      });
      expect([refused.status, refused.body['code'], refused.body['retryable']]).toEqual([
        503,
        'store_unavailable',
        true,
      ]);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      rmSync(hog);
      await until('intake takes the batch', async () => (await post(number)).status === 200);
      acknowledged.push(number);
      for (const one of acknowledged)
        expect(countsOf((await post(one)).body)).toEqual({ ...NONE, received: 1_000, duplicate: 1_000 });
      expect(await counted(stack)).toBe(acknowledged.length * 1_000);
    } finally {
      await stack.stop();
      await engine.stop();
    }
  });
});
