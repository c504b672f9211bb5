import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type ObjectStore, openStore } from '@holdfast/platform/object-store';
import { archivePeers, type Peer, startVersitygw } from '@holdfast/platform/testing/archive-peers';

/** What lies between the client and the store, and does to an answer what a test says. */
class Meddler {
  server!: Server;
  /** Of requests that it is true of, the answer is spoilt. */
  spoils: (method: string, url: string) => 'drop' | 'alter' | undefined = () => undefined;

  constructor(private readonly target: string) {}

  async start(): Promise<string> {
    this.server = createServer((req, res) => {
      const spoilt = this.spoils(req.method!, req.url!);
      const onward = request(`${this.target}${req.url}`, { method: req.method!, headers: req.headers }, (answer) => {
        if (spoilt === 'drop') {
          answer.resume();
          answer.on('end', () => res.destroy());
          return;
        }
        res.writeHead(answer.statusCode!, answer.headers);
        answer.on('data', (piece: Buffer) => {
          if (spoilt === 'alter') piece[0]! ^= 1;
          res.write(piece);
        });
        answer.on('end', () => res.end());
      });
      onward.on('error', () => res.destroy());
      req.pipe(onward);
    });
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
}

let gateway: Peer;
let meddler: Meddler;
let store: ObjectStore;
let meddled: ObjectStore;

beforeAll(async () => {
  gateway = await startVersitygw(archivePeers());
  Object.assign(process.env, gateway.credentials);
  const admin = new S3Client({ region: 'us-east-1', endpoint: gateway.url, forcePathStyle: true });
  await admin.send(new CreateBucketCommand({ Bucket: 'archives', ObjectLockEnabledForBucket: true }));
  admin.destroy();
  meddler = new Meddler(gateway.url);
  store = await openStore(`s3://archives/of-tests?endpoint=${gateway.url}`);
  meddled = await openStore(`s3://archives/of-tests?endpoint=${await meddler.start()}`);
}, 600_000);
afterAll(async () => {
  store?.close();
  meddled?.close();
  meddler?.server.close();
  meddler?.server.closeAllConnections();
  await gateway?.stop();
});
afterEach(() => {
  meddler.spoils = () => undefined;
});

async function* of(...pieces: Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}
async function bytesOf(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error as { code?: string }).code ?? (error as Error).message,
  );
const MiB = 1024 * 1024;
const text = Buffer.from('hello world');

describe('a store that speaks S3', () => {
  it('keeps what it was given, whole and by range, and says what it enforces', async () => {
    expect(store.enforces).toBe('retention');
    const put = await store.put('a/b', of(text));
    expect(put).toMatchObject({
      bytes: 11,
      sha256: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
    });
    expect(await bytesOf(store.read('a/b', { version: put.version }))).toEqual(text);
    expect((await bytesOf(store.read('a/b', { range: { from: 4, to: 7 } }))).toString()).toBe('o w');
    expect(await store.head('a/none')).toBeUndefined();
    expect(await codeOf(bytesOf(store.read('a/none')))).toBe('object_missing');
  });

  it('takes streams of many parts', async () => {
    const pieces = Array.from({ length: 41 }, (_, index) => Buffer.alloc(MiB, index));
    const put = await store.put('large', of(...pieces));
    expect(put.bytes).toBe(41 * MiB);
    const range = { from: 16 * MiB - 2, to: 16 * MiB + 2 };
    expect([...(await bytesOf(store.read('large', { range })))]).toEqual([15, 15, 16, 16]);
  });

  it('leaves nothing of a stream that breaks off, in parts either', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      for (let index = 0; index < 40; index++) yield Buffer.alloc(MiB, index);
      throw new Error('no more');
    }
    expect(await codeOf(store.put('broken', broken()))).toBe('no more');
    expect(await store.head('broken')).toBeUndefined();
  });

  it('knows versions, and lists the newest of each', async () => {
    const first = await store.put('v/x', of(Buffer.from('1')));
    const second = await store.put('v/x', of(Buffer.from('2')));
    expect((await store.versions('v/x')).map(({ version }) => version)).toEqual([second.version, first.version]);
    const listed: string[] = [];
    for await (const { key, version } of store.list('v/')) listed.push(`${key} ${version}`);
    expect(listed).toEqual([`v/x ${second.version}`]);
    await store.delete('v/x', second.version);
    await store.delete('v/x', second.version);
    expect((await bytesOf(store.read('v/x'))).toString()).toBe('1');
  });

  it('refuses to take away what is retained, for anybody, and to shorten that', async () => {
    const { version } = await store.put('kept', of(text));
    const until = (Math.ceil(Date.now() / 1000) + 3_600) * 1_000_000;
    await store.retainUntil('kept', version, until);
    expect(await store.head('kept', version)).toMatchObject({ retainUntil: until });
    expect(await codeOf(store.delete('kept', version))).toBe('object_locked');
    expect(await codeOf(store.retainUntil('kept', version, until - 60_000_000))).toBe('object_locked');
    await store.retainUntil('kept', version, until + 60_000_000);
    expect(await bytesOf(store.read('kept', { version }))).toEqual(text);
  });

  it('refuses to take away what is under a legal hold', async () => {
    const { version } = await store.put('held', of(text));
    await store.holdLegally('held', version, true);
    expect(await store.head('held', version)).toMatchObject({ legalHold: true });
    expect(await codeOf(store.delete('held', version))).toBe('object_locked');
    await store.holdLegally('held', version, false);
    await store.delete('held', version);
    expect(await store.head('held', version)).toBeUndefined();
  });
});

describe('a put is believed once it was read back', () => {
  it('where the answer got lost after the store had taken it', async () => {
    let dropped = 0;
    meddler.spoils = (method) => (method === 'PUT' && (dropped += 1) > 0 ? 'drop' : undefined);
    const put = await meddled.put('late', of(text));
    expect(dropped).toBeGreaterThan(0);
    expect(put).toMatchObject({ bytes: 11 });
    expect(await bytesOf(store.read('late', { version: put.version }))).toEqual(text);
  });

  it('not where something else comes back', async () => {
    meddler.spoils = (method, url) => (method === 'GET' && url.includes('altered') ? 'alter' : undefined);
    expect(await codeOf(meddled.put('altered', of(text)))).toBe('object_store_unfaithful');
  });

  it('not while the store cannot be asked', async () => {
    meddler.spoils = () => 'drop';
    expect(await codeOf(meddled.put('unknown', of(text)))).toBe('object_store_unavailable');
  });
});
