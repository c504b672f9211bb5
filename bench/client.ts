import { Agent, request, type ClientRequest } from 'node:http';
import { once } from 'node:events';
import type { EventSource } from './events';

/** Where events are sent, and with which key. */
export interface Target {
  readonly url: string;
  readonly key: string;
}

export interface Reply {
  readonly status: number;
  /** Seconds; 0 when none is named. */
  readonly retryAfter: number;
  readonly text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** One call on a connection that is kept. */
export function call(
  { url, key }: Target,
  method: string,
  path: string,
  body?: Buffer,
  type = 'application/json',
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, {
      method,
      agent,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body && { 'content-type': type, 'content-length': body.length }),
      },
    });
    sent.on('error', reject);
    answerOf(sent).then(resolve, reject);
    sent.end(body);
  });
}

export const sendLines = (target: Target, body: Buffer): Promise<Reply> =>
  call(target, 'POST', '/v1/events', body, 'application/x-ndjson');

function answerOf(sent: ClientRequest): Promise<Reply> {
  return new Promise((resolve, reject) => {
    sent.on('response', (answer) => {
      const parts: Buffer[] = [];
      answer
        .on('data', (part: Buffer) => parts.push(part))
        .on('error', reject)
        .on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            retryAfter: Number(answer.headers['retry-after'] ?? 0),
            text: Buffer.concat(parts).toString(),
          }),
        );
    });
  });
}

/** What a streamed body was told at its end. */
export interface StreamReceipt {
  readonly received: number;
  readonly stored: number;
  readonly duplicate: number;
}

/**
 * Streams events in one body until `done` says so, no faster than they are read.
 * @param acknowledged hears how many are durable
 * @throws Error when the stream ends otherwise than by its receipt
 */
export async function streamEvents(
  { url, key }: Target,
  source: EventSource,
  done: () => boolean,
  acknowledged: (records: number) => void = () => undefined,
): Promise<StreamReceipt> {
  const sent = request(`${url}/v1/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/x-ndjson',
      accept: 'application/x-ndjson',
    },
  });
  let rest = '';
  let last: { done?: StreamReceipt; acknowledged?: number } = {};
  const answered = new Promise<void>((resolve, reject) => {
    sent.on('error', reject).on('response', (answer) => {
      answer
        .setEncoding('utf8')
        .on('data', (text: string) => {
          const lines = (rest + text).split('\n');
          rest = lines.pop()!;
          for (const line of lines) {
            last = JSON.parse(line) as typeof last;
            if (last.acknowledged !== undefined) acknowledged(last.acknowledged);
          }
        })
        .on('error', reject)
        .on('end', resolve);
    });
  });
  answered.catch(() => undefined); // met below, or where writing fails
  while (!done()) if (!sent.write(source.chunk())) await Promise.race([once(sent, 'drain'), answered]);
  sent.end();
  await answered;
  if (!last.done) throw new Error(`the stream ended with ${JSON.stringify(last)}${rest}`);
  return last.done;
}
