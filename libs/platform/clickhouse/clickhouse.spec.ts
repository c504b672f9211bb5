import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClickHouse, NATIVE_INSERT_SECONDS } from './clickhouse';
import { outcomeUnknown } from './failures';

test('an insert of a block that an engine never answers is given up, with an outcome that nobody knows', async () => {
  const server = createServer((request) => request.resume()); // hears everything, says nothing
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clickhouse = new ClickHouse({ url: `http://127.0.0.1:${port}`, database: 'd', username: 'u', password: 'p' });
  const [deadline, limits] = [new AbortController(), [] as number[]];
  const timeout = jest.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    limits.push(ms);
    return deadline.signal;
  });
  try {
    const asked = once(server, 'request');
    const insert = clickhouse.insertNative('t', ['c'], Buffer.from([0]), 'token').catch((error: unknown) => error);
    await asked;
    deadline.abort(new DOMException('time is up', 'TimeoutError'));
    const error = await insert;
    expect(outcomeUnknown(error)).toBe(true);
    expect(limits).toEqual([NATIVE_INSERT_SECONDS * 1000]);
  } finally {
    timeout.mockRestore();
    server.closeAllConnections();
    await Promise.all([clickhouse.close(), new Promise((resolve) => server.close(resolve))]);
  }
});
