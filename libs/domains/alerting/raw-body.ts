import type { IncomingMessage } from 'node:http';
import { DomainError, invalid } from '@holdfast/kernel';

/** Bytes of a delivery; PagerDuty's and Slack's are a few thousand. */
const LIMIT = 1_048_576;

/** The bytes as they were signed. @throws DomainError `too_large`; `invalid` when the sender breaks off */
export async function rawBody(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // What is too much is read to its end and thrown away: the answer would get lost in a connection that breaks.
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= LIMIT) chunks.push(chunk);
    }
  } catch {
    throw invalid('incomplete_body', 'the body ended before it was whole');
  }
  if (length > LIMIT)
    throw new DomainError('too_large', 'body_too_large', `the body is larger than ${LIMIT} bytes`, {
      extra: { limitBytes: LIMIT },
    });
  return Buffer.concat(chunks);
}
