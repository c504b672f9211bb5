import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What goes wrong next, `times` times (once by default), in the order of injection.
 * - `status`: this answer instead of the vendor's; nothing is done
 * - `slow`: done at once, answered after `delayMs`
 * - `held`: done at once, answered when `until` resolves
 * - `drop_before`, `drop_after`: the connection breaks without an answer, before or after it was done
 * - `half_close`: done; the answer ends in its middle
 */
export type VendorFault = { readonly times?: number } & (
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'held'; readonly until: Promise<void> }
  | { readonly kind: 'drop_before' | 'drop_after' | 'half_close' }
);

/** A request as it came, and how it ended: with a status, or a broken connection. */
export interface VendorRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
}
export interface VendorAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
export type ServedRequest = VendorRequest & { readonly outcome: number | 'dropped' };

/** An emulated vendor on loopback. */
export interface VendorServer {
  readonly url: string;
  /** Every request so far, in order. */
  requests(): readonly ServedRequest[];
  inject(fault: VendorFault): void;
  /** Breaks open connections. */
  stop(): Promise<void>;
}

const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Starts a vendor. @param serve does what the vendor does with a request that no fault keeps from it */
export async function startVendorServer(serve: (request: VendorRequest) => VendorAnswer): Promise<VendorServer> {
  const faults: { fault: VendorFault; left: number }[] = [];
  const served: ServedRequest[] = [];
  const stopping = new AbortController();
  const server = createServer((incoming, response) => {
    answerOne(incoming, response).catch(() => incoming.socket.destroy());
  });

  async function answerOne(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(incoming);
    const fault = nextFault();
    const dropped = fault?.kind === 'drop_before' || fault?.kind === 'drop_after';
    const answer: VendorAnswer =
      fault?.kind === 'status'
        ? { status: fault.status, ...(fault.retryAfter && { headers: { 'retry-after': fault.retryAfter } }) }
        : fault?.kind === 'drop_before'
          ? { status: 0 }
          : serve(request);
    served.push({ ...request, outcome: dropped ? 'dropped' : answer.status });
    if (dropped) return void incoming.socket.destroy();
    if (fault?.kind === 'slow') await delay(fault.delayMs, undefined, { signal: stopping.signal });
    if (fault?.kind === 'held') await fault.until;
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
    const type = typeof answer.body === 'string' ? 'text/plain' : 'application/json';
    if (answer.status === 204) return void response.writeHead(204).end();
    response.writeHead(answer.status, {
      'content-type': type,
      'content-length': Buffer.byteLength(text) + (fault?.kind === 'half_close' ? 10 : 0),
      ...answer.headers,
    });
    if (fault?.kind !== 'half_close') return void response.end(text);
    response.write(text);
    incoming.socket.end();
  }

  function nextFault(): VendorFault | undefined {
    const [next] = faults;
    if (next && --next.left === 0) faults.shift();
    return next?.fault;
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => [...served],
    inject: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    async stop() {
      stopping.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(incoming: IncomingMessage): Promise<VendorRequest> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new Error('the body is too long');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://vendor');
  return {
    method: incoming.method ?? '',
    path: pathname,
    query: searchParams,
    headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
    text,
    json: jsonOf(text),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
