import { gzipSync } from 'node:zlib';
import { startEmbeddedClickHouse } from '@holdfast/platform/testing';
import { event, intakeSuite } from './stack';
import { type Line, Streamed } from './streamed';

describe('a streamed body', () => {
  const suite = intakeSuite();
  let fresh = 0;

  const from = (source: string, count: number): Record<string, unknown>[] =>
    Array.from({ length: count }, (_, i) => event({ source, id: String(i), key: `${source}-${i}` }));

  it('is acknowledged as it comes: what was acknowledged is durable before the rest is sent', async () => {
    const source = `stream-${++fresh}`;
    const records = from(source, 5);
    const body = Streamed.open(suite.stack);
    await body.send(records.slice(0, 3));
    expect(await body.line(({ acknowledged }) => acknowledged === 3)).toMatchObject({ received: 3, stored: 3 });
    expect(await suite.stack.account(source)).toMatchObject({ stored: 3 });
    await body.send([...records.slice(3), '{', records[0]]);
    expect(await body.line(({ acknowledged }) => acknowledged === 7)).toMatchObject({ received: 7, stored: 5 });
    const { done } = await body.finish();
    expect(done).toMatchObject({ received: 7, stored: 5, duplicate: 1, rejected: 1, problems: [{ line: 6 }] });
  });

  it('goes on behind the last acknowledged line after its connection was cut, and nothing is lost or stored twice', async () => {
    const source = `stream-${++fresh}`;
    const records = from(source, 30_000);
    let at = 0;
    for (let cuts = 0; cuts < 3; cuts++) {
      const body = Streamed.open(suite.stack);
      for (let sent = at; sent < records.length && body.acknowledged === 0; sent += 500)
        await body.send(records.slice(sent, sent + 500));
      await body.line(({ acknowledged = 0 }) => (acknowledged as number) > 0);
      body.cut();
      await body.ended;
      at += body.acknowledged;
    }
    const last = Streamed.open(suite.stack);
    await last.send(records.slice(at));
    const { done } = (await last.finish()) as { done: Line };
    expect(done['received']).toBe(records.length - at);
    expect(await suite.stack.account(source)).toMatchObject({ stored: records.length, conflict: 0, rejected: 0 });
  });

  it('ends with the problem where it breaks, and what came before stays', async () => {
    const source = `stream-${++fresh}`;
    const body = Streamed.open(suite.stack, { 'content-encoding': 'gzip' });
    const lines = from(source, 2).map((one) => `${JSON.stringify(one)}\n`);
    body.sendBytes(gzipSync(lines.join('')));
    await body.line(({ acknowledged }) => acknowledged === 2);
    body.sendBytes(Buffer.from('no gzip at all'));
    const { problem } = await body.finish();
    expect(problem).toMatchObject({ status: 400, code: 'body_broken', received: 2, stored: 2, line: 3 });
    expect(await suite.stack.account(source)).toMatchObject({ stored: 2 });
  });

  it('is ended when the service stops: what was sent is acknowledged, and the sender told to come again', async () => {
    const source = `stream-${++fresh}`;
    const body = Streamed.open(suite.stack);
    await body.send(from(source, 3));
    await body.line(({ acknowledged }) => acknowledged === 3);
    suite.stack = await suite.stack.restart(suite.engine);
    await body.ended;
    expect(await body.line((line) => 'problem' in line)).toMatchObject({
      problem: { status: 503, code: 'shutting_down' },
    });
  });

  it('ends with the problem when the engine is gone, and everything acknowledged is there when it is back', async () => {
    const source = `stream-${++fresh}`;
    const records = from(source, 4);
    const body = Streamed.open(suite.stack);
    await body.send(records.slice(0, 2));
    await body.line(({ acknowledged }) => acknowledged === 2);
    await suite.engine.kill();
    await body.send(records.slice(2));
    const { problem } = await body.line((line) => 'problem' in line);
    expect(problem).toMatchObject({ status: 503 });
    body.cut();
    const port = Number(new URL(suite.engine.url).port);
    suite.engine = await startEmbeddedClickHouse({
      dataDir: suite.engine.dataDir,
      port,
      password: suite.engine.password,
    });
    const again = Streamed.open(suite.stack);
    await again.send(records.slice(body.acknowledged));
    expect((await again.finish())['done']).toMatchObject({ received: 2 });
    expect(await suite.stack.account(source)).toMatchObject({ stored: 4 });
  });
});
