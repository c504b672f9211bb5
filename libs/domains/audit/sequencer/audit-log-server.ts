import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { DomainError, invalid } from '@holdfast/kernel';
import { meaning } from '@holdfast/platform/errors';
import { isTilePath } from '@holdfast/platform/transparency';
import type { z } from 'zod';
import type { Sequencer } from './sequencer';
import { AppendBody, ConsistencyQuery, CosignatureBody, InclusionQuery, RedactBody } from './sequencer.schemas';
import type { Witnesses } from './witnesses';

const LONGEST_BODY = 8_000_000;

export interface AuditLogServerOptions {
  readonly sequencer: Sequencer;
  readonly witnesses: Witnesses;
  /** What callers have to show. */
  readonly secret: string;
  /** Told to who asks what log this is. */
  readonly about: { readonly origin: string; readonly keys: readonly string[]; readonly witnesses: readonly string[] };
}

type Answer = { readonly json: unknown } | { readonly bytes: Buffer };

/** HTTP of the program that owns the audit log: for API and worker, which show the shared secret. `/livez` and `/readyz` are for anybody. */
export class AuditLogServer {
  private readonly log = new Logger('AuditLog');
  private readonly secretHash: Buffer;
  private server: Server | undefined;

  constructor(private readonly options: AuditLogServerOptions) {
    this.secretHash = sha256(options.secret);
  }

  /** @returns the port */
  async listen(port: number, host: string): Promise<number> {
    const server = createServer(
      { keepAliveTimeout: 75_000 },
      (request, response) => void this.answer(request, response),
    );
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
    this.server = server;
    return (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const { server } = this;
    if (!server) return;
    server.closeIdleConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.carryOut(request);
      if ('bytes' in answer) send(response, 200, 'application/octet-stream', answer.bytes);
      else send(response, 200, 'application/json', Buffer.from(JSON.stringify(answer.json)));
    } catch (error) {
      if (!(error instanceof DomainError)) this.log.error(error);
      const known = error instanceof DomainError ? error : fault();
      const { kind, code, message, details } = known;
      const body = Buffer.from(JSON.stringify({ kind, code, detail: message, details }));
      send(response, meaning[kind].status, 'application/json', body);
      if (!request.complete) request.resume();
    }
  }

  private async carryOut(request: IncomingMessage): Promise<Answer> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://audit-log');
    const { sequencer, witnesses, about } = this.options;
    if (pathname === '/livez') return { json: { live: true } };
    if (pathname === '/readyz') return { json: { ready: sequencer.published.size >= 0 } };
    this.mustKnowSecret(request.headers.authorization);
    const query = Object.fromEntries(searchParams);
    switch (`${request.method ?? ''} ${pathname}`) {
      case 'POST /entries': {
        const { entries } = read(AppendBody, await bodyOf(request));
        return { json: { sequences: await sequencer.append(entries) } };
      }
      case 'POST /redactions': {
        const { sequence, ...by } = read(RedactBody, await bodyOf(request));
        return { json: { sequence: await sequencer.redact(sequence, by) } };
      }
      case 'POST /cosignatures': {
        const { note } = read(CosignatureBody, await bodyOf(request));
        return { json: { witnesses: await witnesses.take(note, sequencer.published) } };
      }
      case 'GET /state':
        return { json: { ...about, size: sequencer.published.publishedSize, witnessed: await witnesses.list() } };
      case 'GET /checkpoint':
        return { bytes: Buffer.from(sequencer.published.checkpoint) };
      case 'GET /inclusion':
        return { json: await this.inclusion(read(InclusionQuery, query)) };
      case 'GET /consistency':
        return { json: await this.consistency(read(ConsistencyQuery, query)) };
      default:
        return this.file(pathname.slice(1));
    }
  }

  private async file(path: string): Promise<Answer> {
    const bytes = isTilePath(path) ? await this.options.sequencer.published.file(path) : undefined;
    if (!bytes) throw new DomainError('not_found', 'audit_tile_not_found', 'the audit log has no such tile');
    return { bytes };
  }

  private async inclusion({ index, size }: z.output<typeof InclusionQuery>): Promise<unknown> {
    const log = this.options.sequencer.published;
    const { checkpoint, publishedSize } = log;
    const proof = await inRange(() => log.inclusion(index, size ?? publishedSize));
    return { index, size: size ?? publishedSize, proof: proof.map((one) => one.toString('base64')), checkpoint };
  }

  private async consistency({ first, second }: z.output<typeof ConsistencyQuery>): Promise<unknown> {
    const log = this.options.sequencer.published;
    const { checkpoint, publishedSize } = log;
    const proof = await inRange(() => log.consistency(first, second ?? publishedSize));
    return { first, second: second ?? publishedSize, proof: proof.map((one) => one.toString('base64')), checkpoint };
  }

  private mustKnowSecret(header: string | undefined): void {
    const shown = sha256(header?.replace(/^Bearer /, '') ?? '');
    if (!timingSafeEqual(shown, this.secretHash))
      throw new DomainError('unauthenticated', 'audit_secret_wrong', 'HOLDFAST_AUDIT_LOG_SECRET differs');
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

function send(response: ServerResponse, status: number, type: string, body: Buffer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': body.length, 'cache-control': 'no-store' });
  response.end(body);
}

async function inRange<T>(make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalid('audit_size_out_of_range', 'the log has no such entries', [
      { field: 'size', reason: 'must be a size that the log had, above the entry' },
    ]);
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_BODY) throw new DomainError('too_large', 'body_too_large', 'the body is too large');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch {
    throw invalid('malformed_json', 'the body is no JSON');
  }
}

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => ({
    field: path.map(String).join('.'),
    reason: message,
  }));
  throw invalid('invalid_request', 'the request is not valid', fields.slice(0, 20));
}

/** What is unforeseen says nothing of itself; the log has it. */
const fault = (): DomainError =>
  new DomainError('unavailable', 'audit_unavailable', 'the audit log failed; see its log');
