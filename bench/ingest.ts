import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { BUILT_IN_POLICY } from '@holdfast/domains/privacy/core/built-in-policy';
import { type Benchmark, rounded } from './benchmark';
import { sendLines } from './client';
import { CONTRACT, eventLine, type EventForm } from './events';
import { type BenchStack, orderToCash, startBenchStack } from './stack';

const BATCH = 10_000;
/** What is sent while the engine stands still: some 300 MB. */
const STALLED_BATCHES = 60;
const STALL_MS = 5_000;

function batches(run: string, count: number, form?: EventForm): Buffer[] {
  return Array.from({ length: count }, (_, batch) =>
    Buffer.from(Array.from({ length: BATCH }, (_, i) => eventLine(run, batch * BATCH + i, form)).join('')),
  );
}

async function post(stack: BenchStack, body: Buffer): Promise<void> {
  const { status, retryAfter, text } = await sendLines(stack, body);
  if (status !== 200 || (JSON.parse(text) as { stored: number }).stored !== BATCH)
    throw new Error(`${status} retry-after ${retryAfter}: ${text.slice(0, 300)}`);
}

/** Rows a second of sending all bodies, so many at a time. */
async function rate(
  bodies: readonly Buffer[],
  concurrency: number,
  send: (body: Buffer) => Promise<void>,
): Promise<number> {
  const started = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < bodies.length) await send(bodies[next++]!);
    }),
  );
  return (bodies.length * BATCH) / ((performance.now() - started) / 1000);
}

const COLUMNS =
  'process, key, stage, source, id, attempt, type, outcome, reason, field, occurred_at, origin_at, origin_from, received_at, correlation_id, sequence, status, class, payload_hash, sign, digest, definition, agreed, data';

/** The rows that the API stored, without what the engine computes, in one body for each batch: the bare insert sends the same rows. */
async function storedRows(stack: BenchStack, run: string, count: number, format: Format): Promise<Buffer[]> {
  // JSON has no bytes: sixteen of the digits stand for them.
  const identity = format === 'Native' ? 'identity' : 'substring(lower(hex(identity)), 1, 16) AS identity';
  const bodies: Buffer[] = [];
  for (let batch = 0; batch < count; batch++) {
    const query = `SELECT ${COLUMNS}, ${identity} FROM tracking_records WHERE (startsWith(id, 'shop-${run}-') OR startsWith(id, 'erp-${run}-')) AND sequence >= ${batch * BATCH} AND sequence < ${(batch + 1) * BATCH} FORMAT ${format}`;
    bodies.push(await ask(stack, query));
  }
  return bodies;
}
type Format = 'JSONEachRow' | 'Native';

const agent = new Agent({ keepAlive: true });

/** One statement over plain HTTP: clients have no form for Native. */
function ask({ clickhouse }: BenchStack, query: string, body?: Buffer, settings = ''): Promise<Buffer> {
  const { url, username, password, database } = clickhouse;
  return new Promise((resolve, reject) => {
    const path = `${url}/?database=${database}${settings}${body ? `&query=${encodeURIComponent(query)}` : ''}`;
    const sent = request(path, { method: 'POST', agent, auth: `${username}:${password}` }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part)).on('error', reject);
      answer.on('end', () => {
        const whole = Buffer.concat(parts);
        if (answer.statusCode === 200) resolve(whole);
        else reject(new Error(`${answer.statusCode}: ${whole.toString().slice(0, 300)}`));
      });
    });
    sent.on('error', reject);
    sent.end(body ?? query);
  });
}

async function bareInsert(stack: BenchStack, run: string, count: number, concurrency: number, format: Format) {
  const bodies = await storedRows(stack, run, count, format);
  return rate(bodies, concurrency, async (body) => {
    const token = randomBytes(8).toString('hex');
    const into = `INSERT INTO tracking_records (${COLUMNS}, identity) FORMAT ${format}`;
    await ask(stack, into, body, `&async_insert=0&insert_deduplication_token=${token}`);
  });
}

/** Sends more than memory may hold while the engine stands still. Every body is answered in the end: stored, or refused with a Retry-After. */
async function whileStalled(stack: BenchStack) {
  const engine = stack.pid('clickhouse');
  const before = stack.memory('api');
  let most = before;
  const watching = setInterval(() => (most = Math.max(most, stack.memory('api'))), 20);
  process.kill(engine, 'SIGSTOP');
  const refused: string[] = [];
  const send = (body: Buffer): Promise<unknown> =>
    post(stack, body).catch((error: unknown) => refused.push(String(error)));
  const sent = batches('stalled', STALLED_BATCHES).map(send);
  await pause(STALL_MS); // by now memory is full of what was let in
  sent.push(...batches('late', STALLED_BATCHES / 4).map(send));
  await pause(STALL_MS);
  process.kill(engine, 'SIGCONT');
  await Promise.all(sent);
  clearInterval(watching);
  const other = refused.find((text) => !text.includes('429') || !/retry-after [1-9]/.test(text));
  if (other !== undefined) throw new Error(`while the engine stood still: ${other}`);
  return { api_memory_stalled_mb: rounded(most / 1e6, 0), stalled_bodies: sent.length, refused_429: refused.length };
}

/** What is asked of intake, from the least to the most; each is measured in rounds of its own rows. */
const DEMANDS = {
  plain: {},
  contract: { type: 'checked' },
  checksum: { type: 'checked', digest: true },
  masked: { type: 'checked', personal: true },
} as const satisfies Record<string, EventForm>;
type Demand = keyof typeof DEMANDS;

const TYPES = ['checked.shop', 'checked.erp'];
const ROUNDS = ['a', 'b', 'c'];

export const ingest: Benchmark = {
  name: 'ingest',
  about:
    'events acknowledged over HTTP, checked by a contract, against the bare JSONEachRow insert of the same rows (--batches 20 --concurrency 2)',
  async run(options) {
    const count = Number(options['batches'] ?? 20);
    const concurrency = Number(options['concurrency'] ?? 2);
    const stack = await startBenchStack();
    try {
      await stack.call('PUT', '/v1/processes/order-to-cash', orderToCash);
      for (const type of TYPES) await stack.call('PUT', `/v1/contracts/${type}`, CONTRACT);
      const taken = async (run: string, many: number, demand: Demand): Promise<number> =>
        rate(batches(run, many, DEMANDS[demand]), concurrency, (body) => post(stack, body));
      await taken('warm', 4, 'contract');
      const best: Record<string, number> = {};
      const measured = (name: string, value: number): void => {
        best[name] = Math.max(best[name] ?? 0, value);
        console.error(`${name}: ${value.toFixed(0)}/s`);
      };
      for (const demand of Object.keys(DEMANDS) as Demand[]) {
        if (demand === 'masked') {
          await stack.call('PUT', '/v1/privacy-policies/default', BUILT_IN_POLICY);
          await pause(2_000); // it holds for records a second later
          await taken('warm-masked', 4, demand);
        }
        for (const round of ROUNDS) {
          const run = `${demand}-${round}`;
          measured(demand, await taken(run, count, demand));
          measured('JSONEachRow', await bareInsert(stack, run, count, concurrency, 'JSONEachRow'));
          if (demand === 'contract') measured('Native', await bareInsert(stack, run, count, concurrency, 'Native'));
        }
      }
      const ratio = (name: string, to = 'JSONEachRow'): number => rounded(best[name]! / best[to]!, 3);
      return {
        figure: rounded(best['contract']!, 0),
        unit: 'events/s',
        baseline: rounded(best['JSONEachRow']!, 0),
        ratio: ratio('contract'),
        target: 0.4,
        masked: rounded(best['masked']!, 0),
        masked_ratio: ratio('masked'),
        masked_target: 0.33,
        plain_ratio: ratio('plain'),
        checksum_ratio: ratio('checksum'),
        native_baseline: rounded(best['Native']!, 0),
        native_ratio: ratio('contract', 'Native'),
        bytes_per_event: eventLine('a', 50_000).length,
        api_memory_mb: rounded(stack.memory('api') / 1e6, 0),
        ...(await whileStalled(stack)),
      };
    } finally {
      agent.destroy();
      await stack.stop();
    }
  },
};
