import { DeliveryError, type DeliveryErrorKind } from './delivery-error';
import { rateResetMs, retryAfterMs } from './retry';

/** One call of a vendor over HTTP. */
export interface Call {
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text as it is. */
  readonly body?: unknown;
  /** Until the whole answer is there, in milliseconds. */
  readonly timeoutMs: number;
}

export interface CallAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON of the body; undefined where it is none. */
  readonly body: unknown;
}

const MAX_ANSWER_BYTES = 1024 * 1024;
/** 4xx that a repeat may better: Request Timeout, Too Early. */
const PASSING: ReadonlySet<number> = new Set([408, 425]);

/**
 * Calls once; redirects are not followed, since the request holds secrets. Nothing is logged.
 * @returns an answer with a status of 2xx
 * @throws DeliveryError by the class of what went wrong
 */
export async function call({ url, method = 'POST', headers = {}, body, timeoutMs }: Call): Promise<CallAnswer> {
  let response: Response;
  let bytes: Buffer;
  try {
    response = await fetch(url, {
      method,
      headers: { accept: 'application/json', ...(body !== undefined && JSON_CONTENT), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
      signal: AbortSignal.timeout(Math.max(1, Math.floor(timeoutMs))),
    });
    bytes = await bounded(response);
  } catch (error) {
    // Texts of lower layers may quote the address, which may be a secret.
    throw error instanceof DeliveryError ? error : new DeliveryError('unreachable', 'no whole answer in time');
  }
  const { status } = response;
  if (status >= 200 && status < 300) return { status, headers: response.headers, body: jsonOf(bytes) };
  const wait =
    retryAfterMs(response.headers, Date.now()) ?? (status === 429 ? rateResetMs(response.headers) : undefined);
  throw new DeliveryError(kindOf(status), `answered with status ${status}`, { status, retryAfterMs: wait });
}

const JSON_CONTENT = { 'content-type': 'application/json; charset=utf-8' };

/** A status that is no success, by what it means to the next try. */
function kindOf(status: number): DeliveryErrorKind {
  if (status === 429) return 'rate_limited';
  if (status === 401 || status === 403) return 'unauthorized';
  if (status >= 500 || PASSING.has(status)) return 'failing';
  return 'refused';
}

async function bounded(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES)
      throw new DeliveryError('failing', 'the answer is too long', { status: response.status });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Tries secrets in their order until one is accepted, so that an old and a new one may both be configured while they are exchanged.
 * @throws DeliveryError of the last one that was tried
 */
export async function withSecrets<T>(secrets: readonly string[], use: (secret: string) => Promise<T>): Promise<T> {
  for (const [index, secret] of secrets.entries())
    try {
      return await use(secret);
    } catch (error) {
      const isRefused = error instanceof DeliveryError && error.kind === 'unauthorized';
      if (!isRefused || index === secrets.length - 1) throw error;
    }
  throw new DeliveryError('unauthorized', 'there is no secret to show');
}
