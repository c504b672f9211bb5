import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exception } from '../engine/exception';
import { Answer } from './answer';
import { authenticator } from './credentials';
import type { QueryHandler } from './query-handler';
import { targetOf } from './request';

/** The longest URL with headers: parameters of 10,000 elements fit, as on a server. */
const MAX_HEADER_BYTES = 1024 * 1024;
const KEEP_ALIVE_MS = 10_000;

/** The HTTP interface: who may ask, and whether now. Statements are left to the handler. */
export class HttpInterface {
  readonly #server: Server;
  readonly #authenticate: ReturnType<typeof authenticator>;
  readonly #open = new Set<Promise<unknown>>();
  #isStopping = false;

  constructor(
    private readonly handler: QueryHandler,
    password: string,
    private readonly timezone: string,
  ) {
    this.#authenticate = authenticator(password);
    // No limit of time on a request: it takes as long as its client takes to produce rows.
    const limits = { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 };
    this.#server = createServer(limits, (req, res) => {
      const served = this.#serve(req, res)
        .catch(() => res.destroy())
        .finally(() => this.#open.delete(served));
      this.#open.add(served);
    });
  }

  /** Listens on loopback only. @returns the port */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  /** Takes no further requests, and waits up to `graceMs` for those that run. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#server.close();
    this.#server.closeIdleConnections();
    let timer: NodeJS.Timeout | undefined;
    const passed = new Promise((resolve) => (timer = setTimeout(resolve, graceMs)));
    await Promise.race([Promise.allSettled(this.#open), passed]);
    clearTimeout(timer);
  }

  hangUp(): void {
    this.#server.closeAllConnections();
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { path, fields } = targetOf(req);
    if (this.#isStopping) res.setHeader('Connection', 'close');
    const isGreeting = req.method === 'GET' && path === '/' && !fields.has('query');
    if (path === '/ping' || isGreeting) {
      req.resume();
      res
        .writeHead(this.#isStopping ? 503 : 200, { 'Content-Type': 'text/plain; charset=UTF-8' })
        .end(this.#isStopping ? 'Stopping.\n' : 'Ok.\n');
      return;
    }
    const refusal = this.#refusal(req);
    if (refusal === undefined) {
      await this.handler.handle(req, res);
      return;
    }
    req.resume();
    await new Answer(req, res, fields.get('query_id') ?? '', this.timezone).fail(refusal.error, refusal.status);
  }

  /** Why a request is turned away before anything of it is read. */
  #refusal(req: IncomingMessage): { error: ReturnType<typeof exception>; status?: number } | undefined {
    const authentication = this.#authenticate(req.headers);
    if (authentication !== 'accepted') {
      const detail = 'default: Authentication failed: password is incorrect, or there is no user with such name.';
      return {
        error: exception('AUTHENTICATION_FAILED', detail),
        ...(authentication === 'missing' ? { status: 401 } : {}),
      };
    }
    if (req.method !== 'GET' && req.method !== 'POST')
      return { error: exception('NOT_IMPLEMENTED', 'Use GET or POST.') };
    if (this.#isStopping) return { error: exception('ABORTED', 'The server is shutting down.') };
    return undefined;
  }
}
