import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ApiClient } from '../../api-client';
import type { SecondDay } from './second-day';

/** The warehouse's own service: asked to tell of keys again, it sends their deliveries to Holdfast once more. */
export interface Warehouse {
  readonly url: string;
  readonly secret: string;
  /** Keys that it was asked for. */
  readonly asked: ReadonlySet<string>;
  /** What it sends by, once Holdfast runs. */
  connect(client: ApiClient, day: SecondDay): void;
  stop(): Promise<void>;
}

export async function startWarehouse(): Promise<Warehouse> {
  const secret = 'a secret that the warehouse and Holdfast share';
  const asked = new Set<string>();
  let tells: ((keys: readonly string[]) => Promise<void>) | undefined;
  const server: Server = createServer((request, response) => {
    void (async () => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const body = Buffer.concat(parts).toString();
      if (!isSigned(request.headers['holdfast-signature'], body, secret)) return void response.writeHead(401).end();
      const { keys } = JSON.parse(body) as { keys: readonly string[] };
      for (const key of keys) asked.add(key);
      await tells?.(keys);
      response.writeHead(204).end();
    })().catch(() => response.writeHead(503).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    secret,
    asked,
    connect(client, day) {
      tells = async (keys) => {
        const lines = keys.flatMap((key) => day.deliveriesOf(key)).map((event) => JSON.stringify(event));
        if (lines.length > 0) await client.sendEvents(Buffer.from(lines.join('\n')), 'application/x-ndjson');
      };
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** `t=...,v1=...`: the HMAC of time and body, by which the warehouse knows who asks. */
function isSigned(header: string | string[] | undefined, body: string, secret: string): boolean {
  const [, t = '', v1 = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(header)) ?? [];
  if (v1 === '') return false;
  const wanted = createHmac('sha256', secret).update(`${t}.${body}`).digest();
  return timingSafeEqual(wanted, Buffer.from(v1, 'hex'));
}
