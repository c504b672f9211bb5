import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { CliError, EXIT } from './exit';
import type { Account } from './account';

/** An RFC 9457 problem as the API answers it. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly reason: string }[];
  readonly requestId?: string;
  readonly [member: string]: unknown;
}

/** The API answered with a problem. */
export class ProblemError extends CliError {
  override readonly name = 'ProblemError';
  constructor(readonly problem: Problem) {
    const passing = problem.status >= 500 || problem.status === 429;
    super(problem.detail || problem.title, passing ? EXIT.unavailable : EXIT.refused);
  }
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly etag: string | undefined;
}

/** Why a request is about to be repeated. */
export interface Retry {
  readonly reason: string;
  readonly afterMs: number;
}

export interface ApiClientOptions {
  readonly url: string;
  readonly key: string | undefined;
  /** How long a request is repeated while the API cannot be reached or says "not now", in milliseconds. */
  readonly patienceMs: number;
  readonly onRetry?: (retry: Retry) => void;
  readonly signal?: AbortSignal;
}

type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
interface Call {
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly type: string; readonly bytes: Buffer | string | ReadableStream<Buffer> };
}

/** The Holdfast API over HTTP. Every call that is repeated here is safe to repeat: reads, and writes that say what they repeat. */
export class ApiClient {
  constructor(private readonly options: ApiClientOptions) {}

  /** One document. @throws ProblemError, CliError when the API cannot be reached */
  async get<T>(path: string, query: Query = {}): Promise<T> {
    return (await this.call<T>('GET', path, { query })).body;
  }

  /** A document with its ETag; undefined when there is none. */
  async find<T>(path: string): Promise<Answer<T> | undefined> {
    try {
      return await this.call<T>('GET', path, {});
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status === 404) return undefined;
      throw error;
    }
  }

  /** All items of a list, page by page; `most` of them at most. */
  async *items<T>(path: string, query: Query = {}, most = Infinity): AsyncGenerator<T> {
    let cursor: string | undefined;
    let left = most;
    while (left > 0) {
      const limit = Math.min(1000, left);
      const page: Page<T> = await this.get(path, { ...query, limit, cursor });
      yield* page.items;
      left -= page.items.length;
      cursor = page.next;
      if (cursor === undefined) return;
    }
  }

  /** Creates or does something once, however often it has to be sent. */
  async post<T>(path: string, body?: unknown, idempotencyKey: string = randomUUID()): Promise<T> {
    const headers = { 'idempotency-key': idempotencyKey };
    return (await this.call<T>('POST', path, { headers, ...(body !== undefined && { body: json(body) }) })).body;
  }

  /** Replaces a document of which this version is known; makes it where none is. */
  put<T>(path: string, body: unknown, etag: string | undefined): Promise<Answer<T>> {
    const headers: Record<string, string> = etag === undefined ? { 'if-none-match': '*' } : { 'if-match': etag };
    return this.call<T>('PUT', path, { headers, body: json(body) });
  }

  async delete(path: string): Promise<void> {
    await this.call('DELETE', path, {});
  }

  /** Sends records: lines of NDJSON, or one JSON text. What was stored before is counted as duplicate, so that a repeat is safe. */
  async sendEvents(bytes: Buffer, type: string, mapping?: string): Promise<Receipt> {
    return (await this.call<Receipt>('POST', '/v1/events', { query: { mapping }, body: { type, bytes } })).body;
  }

  /** Sends a body as it is read, once: what was read cannot be sent again. */
  async streamEvents(parts: AsyncIterable<Buffer>, type: string, mapping?: string): Promise<Receipt> {
    const bytes = ReadableStream.from(parts);
    const outcome = await this.once<Receipt>('POST', '/v1/events', { query: { mapping }, body: { type, bytes } });
    if ('answer' in outcome) return outcome.answer.body;
    throw outcome.error;
  }

  private async call<T>(method: Method, path: string, call: Call): Promise<Answer<T>> {
    const until = performance.now() + this.options.patienceMs;
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.once<T>(method, path, call);
      if ('answer' in outcome) return outcome.answer;
      const afterMs = outcome.retryAfterMs ?? Math.min(2_000, 100 * 2 ** attempt);
      if (!outcome.passing || performance.now() + afterMs > until) throw outcome.error;
      this.options.onRetry?.({ reason: outcome.error.message, afterMs });
      await pause(afterMs, undefined, { ...(this.options.signal && { signal: this.options.signal }) });
    }
  }

  private async once<T>(
    method: Method,
    path: string,
    { query, headers, body }: Call,
  ): Promise<{ readonly answer: Answer<T> } | Failure> {
    const { url, key, signal } = this.options;
    const address = new URL(`${url.replace(/\/$/, '')}${path}`);
    for (const [name, value] of Object.entries(query ?? {}))
      for (const one of Array.isArray(value) ? value : [value])
        if (one !== undefined) address.searchParams.append(name, String(one));
    try {
      const response = await fetch(address, {
        method,
        headers: {
          accept: 'application/json',
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(body && { 'content-type': body.type }),
          ...headers,
        },
        ...(body && { body: body.bytes }),
        ...(body?.bytes instanceof ReadableStream && { duplex: 'half' as const }),
        ...(signal && { signal }),
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      const text = bytes.toString();
      if (!response.ok) return refusal(response, text);
      const etag = response.headers.get('etag') ?? undefined;
      const type = response.headers.get('content-type') ?? '';
      const read = type === 'application/octet-stream' ? bytes : type.startsWith('text/') ? text : jsonIn(text);
      return { answer: { status: response.status, body: read as T, etag } };
    } catch (error) {
      signal?.throwIfAborted();
      return { error: unreachable(url, error), passing: true };
    }
  }
}

const jsonIn = (text: string): unknown => (text === '' ? undefined : JSON.parse(text));

/** What became of sent records. */
export interface Receipt extends Account {
  /** Messages that are no records, such as tombstones. */
  readonly skipped?: number;
  readonly problems: readonly {
    readonly line: number;
    readonly outcome: string;
    readonly code: string;
    readonly field: string;
    readonly reason: string;
  }[];
}

interface Failure {
  readonly error: CliError;
  /** Whether the same call may succeed in a moment. */
  readonly passing: boolean;
  readonly retryAfterMs?: number;
}

const json = (body: unknown): { type: string; bytes: string } => ({
  type: 'application/json',
  bytes: JSON.stringify(body),
});

function refusal(response: Response, text: string): Failure {
  const problem = problemOf(response, text);
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  // A call whose key is in use is the same call under way, or one that was cut off: its own repeat waits for it.
  const passing = [429, 502, 503, 504].includes(problem.status) || problem.code === 'idempotency_key_in_use';
  return { error: new ProblemError(problem), passing, ...(seconds >= 0 && { retryAfterMs: seconds * 1000 }) };
}

function problemOf(response: Response, text: string): Problem {
  const { status, statusText } = response;
  const unknown = { status, code: 'unknown', title: statusText, detail: `HTTP ${status} ${statusText}`.trim() };
  try {
    const read = JSON.parse(text) as Partial<Problem> | null;
    return typeof read?.code === 'string' ? { ...unknown, ...read } : unknown;
  } catch {
    return unknown;
  }
}

function unreachable(url: string, error: unknown): CliError {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  const why = cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error));
  return new CliError(`the API at ${url} cannot be reached (${why})`, EXIT.unavailable, { cause: error });
}
