import type { IncomingMessage } from 'node:http';
import { exception } from '../engine/exception';
import { refuseTextAfterRows } from '../sql/scanner';
import { planStatement, type InsertPlan, type Plan } from '../sql/statement';
import type { Pieces, Spool, SpoolFile } from '../spool/spool';
import { collect, encodingOf, readDecoded, readRaw } from './body-reader';
import { readMultipart } from './multipart';
import { readOptions, targetOf, type RequestOptions } from './request';

/** A statement's text, with the rows of VALUES and with multipart parameters, is held in memory: up to this size. */
const STATEMENT_BYTES = 32 * 1024 * 1024;
/** The statement of an INSERT ends within so many bytes of the body, or its rows are taken for text. */
const HEAD_BYTES = 64 * 1024;
/** What must still follow the format's name in the head, so that neither it nor its settings are cut. */
const HEAD_MARGIN = 4096;
/** Encodings that the engine decodes itself when it reads the file, by its names for them. */
const ENGINE_DECODES: Readonly<Record<string, string>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  br: 'br',
  zstd: 'zstd',
};

/** A request, read to its end. */
export interface Content {
  readonly options: RequestOptions;
  readonly plan: Plan;
  /** The rows of an INSERT, in a file that the reader removes. */
  readonly rows?: { readonly file: SpoolFile; readonly compression?: string };
}

/**
 * Reads requests: a statement stands in the URL, in the body, or in both, and the rows of an INSERT follow it. Rows go to the
 * spool as they come; an INSERT starts when the last one is there, so a client that breaks off leaves none behind.
 */
export class ContentReader {
  constructor(
    private readonly spool: Spool,
    private readonly maxBodyBytes: number,
  ) {}

  /** @throws ClickHouseException when the request is malformed or too large; then nothing stays in the spool */
  async read(req: IncomingMessage): Promise<Content> {
    const { fields } = targetOf(req);
    const contentType = req.headers['content-type'] ?? '';
    if (/^multipart\/form-data/i.test(contentType)) {
      for (const [name, value] of readMultipart(await this.#text(req), contentType)) fields.append(name, value);
      const query = Buffer.from(fields.getAll('query').join('\n'));
      return this.#statement(query, readOptions(req, fields));
    }
    const options = readOptions(req, fields);
    const query = fields.get('query') ?? '';
    return query === '' ? this.#fromBody(req, options) : this.#fromUrl(query, req, options);
  }

  /** The statement is in the URL: the body holds rows, or more of its text. */
  async #fromUrl(query: string, req: IncomingMessage, options: RequestOptions): Promise<Content> {
    const plan = planStatement(query, options.defaultFormat);
    if (plan.kind !== 'insert' || plan.format === 'Values') {
      const body = await this.#text(req);
      if (body.length === 0 && plan.kind !== 'insert') return { options, plan };
      return this.#statement(Buffer.concat([Buffer.from(`${query}\n`), body]), options);
    }
    const inline = rowsText(query, plan);
    const encoding = encodingOf(req);
    const compression = encoding === undefined ? undefined : ENGINE_DECODES[encoding];
    if (compression !== undefined && inline === '') {
      const file = await this.spool.store(readRaw(req, this.maxBodyBytes).next);
      return { options, plan, rows: { file, compression } };
    }
    const first = inline === '' ? [] : [Buffer.from(`${inline}\n`)];
    const file = await this.spool.store(following(first, readDecoded(req, this.maxBodyBytes).next));
    return { options, plan, rows: { file } };
  }

  /** The statement is in the body, and the rows of an INSERT follow it there. */
  async #fromBody(req: IncomingMessage, options: RequestOptions): Promise<Content> {
    const reader = readDecoded(req, this.maxBodyBytes);
    const head = await collect(reader, HEAD_BYTES);
    if (head.ended) return this.#statement(head.bytes, options);
    const plan = planHead(head.bytes, options.defaultFormat);
    if (plan) {
      const file = await this.spool.store(following([rowsOf(head.bytes, plan)], reader.next));
      return { options, plan, rows: { file } };
    }
    const rest = await collect(reader, STATEMENT_BYTES - head.bytes.length);
    if (!rest.ended) throw statementTooLarge();
    return this.#statement(Buffer.concat([head.bytes, rest.bytes]), options);
  }

  async #statement(bytes: Buffer, options: RequestOptions): Promise<Content> {
    const text = bytes.toString('utf8');
    const plan = planStatement(text, options.defaultFormat);
    if (plan.kind !== 'insert') return { options, plan };
    if (plan.format === 'Values') refuseTextAfterRows(text, plan.dataStart);
    return { options, plan, rows: { file: await this.spool.store(following([rowsOf(bytes, plan, text)])) } };
  }

  async #text(req: IncomingMessage): Promise<Buffer> {
    const { bytes, ended } = await collect(readDecoded(req, this.maxBodyBytes), STATEMENT_BYTES);
    if (!ended) throw statementTooLarge();
    return bytes;
  }
}

const statementTooLarge = (): Error =>
  exception(
    'SYNTAX_ERROR',
    `Max query size exceeded: a statement may have ${STATEMENT_BYTES} bytes. Send rows in a format other than Values.`,
  );

/** The plan of an INSERT whose rows can be streamed, if the beginning of a body is one. */
function planHead(head: Buffer, defaultFormat: string): InsertPlan | undefined {
  const text = head.toString('utf8');
  try {
    const plan = planStatement(text, defaultFormat);
    const isWhole = plan.kind === 'insert' && plan.format !== 'Values' && plan.dataStart + HEAD_MARGIN < text.length;
    return isWhole ? plan : undefined;
  } catch {
    return undefined; // judged again when it is there in full
  }
}

/** Rows begin on the next line, or after the space that follows the format. */
const rowsText = (text: string, plan: InsertPlan): string => text.slice(plan.dataStart).replace(/^[ \t\f]*\r?\n?/, '');

/** The bytes of the rows; they need not be text, so they are found by the length of what stands before them. */
function rowsOf(bytes: Buffer, plan: InsertPlan, text = bytes.toString('utf8')): Buffer {
  const before = text.slice(
    0,
    plan.dataStart + (/^[ \t\f]*\r?\n?/.exec(text.slice(plan.dataStart, plan.dataStart + 1024))?.[0].length ?? 0),
  );
  const encoded = Buffer.from(before);
  if (!encoded.equals(bytes.subarray(0, encoded.length)))
    throw exception('SYNTAX_ERROR', 'The statement is not UTF-8 text.');
  return bytes.subarray(encoded.length);
}

function following(first: readonly Buffer[], next?: Pieces): Pieces {
  const waiting = first.filter((piece) => piece.length > 0);
  return async () => waiting.shift() ?? (await next?.());
}
