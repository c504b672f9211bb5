import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DomainError } from '../../libs/kernel';
import { runCompare, type Place } from './run-compare';

let server: Server;
let port: number;
let asked: (string | undefined)[] = [];

const ROWS = Array.from({ length: 500 }, (_, n) => `${n},name ${n}\n`);
const CSV = `id,name\n${ROWS.join('')}`;
const NDJSON = Array.from({ length: 500 }, (_, n) => `{"name": "name ${n}", "id": ${499 - n}}\n`).join('');

function answer({ url, headers }: IncomingMessage, response: ServerResponse): void {
  asked.push(headers.authorization);
  if (url === '/orders.csv') response.end(CSV);
  else if (url === '/feed') response.setHeader('content-type', 'application/x-ndjson; charset=utf-8').end(NDJSON);
  else if (url === '/secret') response.writeHead(401).end();
  else if (url === '/away') response.writeHead(302, { location: 'http://localhost/orders.csv' }).end();
  else if (url === '/cut.csv') {
    response
      .writeHead(200, { 'content-length': String(CSV.length) })
      .write(CSV.slice(0, 1000), () => response.destroy());
  } else response.writeHead(404).end();
}

beforeAll(async () => {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => (asked = []));

const at = (path: string, more: object = {}, host = '127.0.0.1'): Place => ({
  dataSet: { kind: 'http', connection: `${path} ${host} ${JSON.stringify(more)}` },
  connection: { kind: 'http', url: `http://${host}:${port}${path}`, allowPrivate: true, ...more },
});
const code = (target: Place): Promise<unknown> =>
  runCompare(at('/orders.csv'), target, { key: [{ name: 'id' }] }).then(
    () => 'was compared',
    (error: unknown) => (error instanceof DomainError ? error.code : error),
  );

describe('a data set over HTTP', () => {
  it('is compared by what its bodies say', async () => {
    const { result, differences } = await runCompare(at('/orders.csv'), at('/feed', { token: 'secret' }), {
      key: [{ name: 'id' }],
      budget: { differences: 600 },
    });
    expect(result.counts).toEqual({ same: 0, changed: 500, added: 0, removed: 0 });
    expect(differences[0]).toMatchObject({ key: ['0'], source: ['name 0'], target: ['name 499'] });
    expect([...asked].sort()).toEqual(['Bearer secret', undefined]);
  });

  it('is refused in a private network unless that is allowed, by address and by name', async () => {
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]'])
      expect([host, await code(at('/orders.csv', { allowPrivate: false }, host))]).toEqual([host, 'address_refused']);
    expect(asked).toHaveLength(3); // the source only
  });

  it('is trouble where it is not there, cut off, too large, elsewhere or not for us', async () => {
    expect(await code(at('/nowhere.csv'))).toBe('source_unavailable');
    expect(await code(at('/cut.csv'))).toBe('source_unavailable');
    expect(await code(at('/away'))).toBe('source_unavailable');
    expect(await code(at('/secret'))).toBe('source_refused');
    expect(await code(at('/orders.csv', { maxBytes: 1_000 }))).toBe('source_too_large');
    expect(await code(at('/orders.csv', { url: 'http://127.0.0.1:1/orders.csv' }))).toBe('source_unavailable');
  });
});
