import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { LONGEST_RECORD, type Piece } from './split-records';

const PREFIX = 'ce-';

/** Whether a request carries a CloudEvent in binary mode (CloudEvents HTTP protocol binding 1.0.2, section 3.1): attributes in headers, data in the body. */
export const isBinaryMode = (headers: IncomingHttpHeaders): boolean => headers[`${PREFIX}specversion`] !== undefined;

/** The event in the JSON format, as if it had been sent so: one record, checked as any other. */
export async function* readBinaryMode(
  headers: IncomingHttpHeaders,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<Piece[]> {
  const body: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) if ((length += chunk.length) <= LONGEST_RECORD) body.push(chunk);
  const bytes = Buffer.concat([
    ...attributesOf(headers),
    ...dataOf(Buffer.concat(body), headers['content-type']),
    CLOSE,
  ]);
  const tooLong = length > LONGEST_RECORD || bytes.length > LONGEST_RECORD;
  yield [{ bytes: tooLong ? Buffer.alloc(0) : bytes, tooLong }];
}

const CLOSE = Buffer.from('}');

/** What the body and its content type say. */
const NO_ATTRIBUTES = new Set(['data', 'data_base64', 'datacontenttype']);

/** The members of the object before its data. */
function attributesOf(headers: IncomingHttpHeaders): Buffer[] {
  const attributes = Object.create(null) as Record<string, string>;
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(PREFIX)) continue;
    const name = header.slice(PREFIX.length);
    attributes[NO_ATTRIBUTES.has(name) ? header : name] = textOf(String(value)); // `ce-data` is no name: refused when it is read
  }
  const type = headers['content-type'];
  if (type !== undefined) attributes['datacontenttype'] = type;
  return [Buffer.from(JSON.stringify(attributes).slice(0, -1))];
}

/** A header's value: quoted or not, characters outside of printable ASCII percent-encoded (section 3.1.3.2). What is not UTF-8 then stays as it stands. */
function textOf(value: string): string {
  const plain = /^".*"$/s.test(value) ? value.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : value;
  return plain.replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (encoded) => {
    const bytes = Buffer.from(encoded.replaceAll('%', ''), 'hex');
    return isUtf8(bytes) ? bytes.toString() : encoded;
  });
}

/** Makes the whole record malformed. */
const NO_JSON = Buffer.from('');

/** One value, and not one that closes the record and goes on behind it. */
function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString());
    return true;
  } catch {
    return false;
  }
}

const JSON_TYPE = /^[^/;]+\/(?:json|[^/;]+\+json)\s*(?:;|$)/i;

function dataOf(body: Buffer, type: string | undefined): Buffer[] {
  if (body.length === 0) return [];
  if (type === undefined || JSON_TYPE.test(type)) return [Buffer.from(',"data":'), isJson(body) ? body : NO_JSON];
  if (/^text\//i.test(type) && isUtf8(body)) return [Buffer.from(`,"data":${JSON.stringify(body.toString())}`)];
  return [Buffer.from(`,"data_base64":"${body.toString('base64')}"`)];
}
