import { randomUUID } from 'node:crypto';
import { startEmbeddedClickHouse } from '@holdfast/platform/clickhouse/embedded-engine';
import {
  describeEmbedded,
  drain,
  quietClient,
  rawRequest,
  rowsOf,
  startTarget,
  until,
  valueOf,
  type Target,
} from './target';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.stop());

/** Runs until it is cancelled, without a row of answer. The comment is what it is recognised by in system.processes. */
const endless = (mark: string): string => `SELECT count() FROM system.numbers /* ${mark} */`;
/** A server cancels on request only, and only what cannot write. */
const cancelling = { cancel_http_readonly_queries_on_client_close: 1, readonly: '2' } as const;

/** Rows that a running query has read so far; undefined when it does not run. */
async function progress(mark: string): Promise<string | undefined> {
  const query =
    'SELECT read_rows FROM system.processes WHERE position(query, {mark:String}) > 0 AND position(query, {own:String}) = 0';
  const rows = await rowsOf(target.client, query, { query_params: { mark, own: 'system.processes' } });
  return rows[0]?.['read_rows'] as string | undefined;
}
const runs = async (mark: string): Promise<boolean> => (await progress(mark)) !== undefined;

describe('a query', () => {
  it('is gone soon after its client', async () => {
    const mark = randomUUID();
    const leaving = new AbortController();
    const asking = rowsOf(target.client, endless(mark), {
      abort_signal: leaving.signal,
      clickhouse_settings: cancelling,
    });
    await Promise.all([
      expect(asking).rejects.toThrow('aborted'),
      until('the query runs', () => runs(mark)).then(() => leaving.abort()),
    ]);
    await until('the query is gone', async () => !(await runs(mark)), 5000);
  });

  it('is gone soon after a client that stops in the middle of the answer', async () => {
    const mark = randomUUID();
    const query = `SELECT number FROM system.numbers FORMAT TabSeparated /* ${mark} */`;
    const { stream } = await target.client.exec({ query, clickhouse_settings: cancelling });
    await new Promise((resolve) => stream.once('data', resolve));
    await expect(runs(mark)).resolves.toBe(true);
    stream.destroy();
    await until('the query is gone', async () => !(await runs(mark)), 5000);
  });

  it('never outlives its client, whenever that leaves', async () => {
    const mark = randomUUID();
    const client = target.connect({ max_open_connections: 8 });
    const visit = async (i: number): Promise<unknown> => {
      const leaving = new AbortController();
      const answered = rowsOf(client, endless(mark), {
        abort_signal: leaving.signal,
        clickhouse_settings: cancelling,
      }).catch(() => undefined);
      // At another moment each time: while the request is sent, read, opened by the engine, or run.
      setTimeout(() => leaving.abort(), i % 20);
      return answered;
    };
    for (let round = 0; round < 10; round++)
      await Promise.all(Array.from({ length: 8 }, (_, i) => visit(round * 8 + i)));
    await until('all queries are gone', async () => !(await runs(mark)), 10_000);
    const answers = await Promise.all(Array.from({ length: 16 }, () => valueOf(client, 'SELECT 1')));
    expect(answers).toEqual(Array.from({ length: 16 }, () => 1));
  });

  it('waits for a slow reader instead of filling memory, and goes on when it reads', async () => {
    const mark = randomUUID();
    const total = 30_000_000;
    const { stream } = await target.client.exec({
      query: `SELECT number FROM numbers(${total}) FORMAT RowBinary /* ${mark} */`,
    });
    let last: string | undefined;
    let same = 0;
    // Without back-pressure it would run to its end.
    await until('it makes no progress', async () => {
      const now = await progress(mark);
      same = now !== undefined && now === last ? same + 1 : 0;
      last = now;
      return same >= 10;
    });
    expect(Number(last)).toBeLessThan(total);
    let bytes = 0;
    for await (const piece of stream) bytes += (piece as Buffer).length;
    expect(bytes).toBe(total * 8);
  });

  test.each([
    ['equality', (id: string) => ({ query: `KILL QUERY WHERE query_id = '${id}'` })],
    ['equality, to be waited for', (id: string) => ({ query: `KILL QUERY WHERE query_id = '${id}' SYNC` })],
    ['a list', (id: string) => ({ query: `KILL QUERY WHERE (query_id IN ('none', '${id}')) ASYNC` })],
    ['a parameter', (id: string) => ({ query: 'KILL QUERY WHERE query_id = {id:String}', query_params: { id } })],
  ])('is killed by its id: %s', async (_, kill) => {
    const id = `close/${randomUUID()}/100% *`;
    const other = randomUUID();
    const leaving = new AbortController();
    const asking = expect(rowsOf(target.client, endless(id), { query_id: id })).rejects.toMatchObject({ code: '394' });
    const staying = rowsOf(target.client, endless(other), {
      query_id: other,
      abort_signal: leaving.signal,
      clickhouse_settings: cancelling,
    });
    const left = expect(staying).rejects.toThrow('aborted');
    await until('both run', async () => (await runs(id)) && (await runs(other)));
    await target.client.command(kill(id));
    await asking;
    await expect(runs(other)).resolves.toBe(true);
    leaving.abort();
    await left;
    await until('the other is gone', async () => !(await runs(other)), 5000);
  });

  it('does not run beside another of its id', async () => {
    const id = randomUUID();
    const asking = expect(rowsOf(target.client, endless(id), { query_id: id })).rejects.toMatchObject({ code: '394' });
    await until('the first runs', () => runs(id));
    await expect(rowsOf(target.client, 'SELECT 1', { query_id: id })).rejects.toMatchObject({ code: '216' });
    await target.client.command({ query: `KILL QUERY WHERE query_id = '${id}'` });
    await asking;
    await expect(rowsOf(target.client, 'SELECT 1 AS one', { query_id: id })).resolves.toEqual([{ one: 1 }]);
  });
});

describeEmbedded('when all slots are taken', () => {
  it('further queries wait, KILL gets through, and who left the queue is not run', async () => {
    const engine = await startEmbeddedClickHouse({ maxConcurrency: 2 });
    const client = quietClient({ url: engine.url, password: engine.password, max_open_connections: 20 });
    try {
      await client.command({ query: 'CREATE TABLE late (a UInt8) ENGINE = Memory' });
      const ids = [randomUUID(), randomUUID()];
      const taken = ids.map((id) =>
        expect(rowsOf(client, endless(id), { query_id: id })).rejects.toMatchObject({ code: '394' }),
      );
      // Both slots are taken when a query no longer answers; a KILL that changes nothing tells which queries run.
      const running = async (): Promise<number> => {
        const result = await rawRequest(engine, {
          body: "KILL QUERY WHERE query LIKE 'SELECT count() FROM system.numbers%' TEST FORMAT TabSeparated",
        });
        return result.body.split('\n').filter((line) => line.includes('system.numbers /*')).length;
      };
      await until('both slots are taken', async () => (await running()) === 2);
      const leaving = new AbortController();
      const left = client.command({ query: 'INSERT INTO late VALUES (1)', abort_signal: leaving.signal });
      const waiting = rowsOf(client, 'SELECT 7 AS seven');
      leaving.abort();
      await expect(left).rejects.toThrow('aborted');
      await client.command({ query: `KILL QUERY WHERE query_id IN ('${ids.join("','")}')` });
      await Promise.all(taken);
      await expect(waiting).resolves.toEqual([{ seven: 7 }]);
      await expect(valueOf(client, 'SELECT count() FROM late')).resolves.toBe('0');
    } finally {
      await client.close();
      await engine.stop();
    }
  });
});

describe('an answer that nobody reads', () => {
  it('does not keep others from theirs', async () => {
    const stalled = await Promise.all(
      Array.from({ length: 4 }, () =>
        target.connect().exec({ query: 'SELECT number FROM numbers(3000000) FORMAT RowBinary' }),
      ),
    );
    await expect(valueOf(target.client, 'SELECT 1')).resolves.toBe(1);
    const sizes = await Promise.all(stalled.map(async ({ stream }) => (await drain(stream)).length));
    expect(sizes).toEqual([24_000_000, 24_000_000, 24_000_000, 24_000_000]);
  });
});
