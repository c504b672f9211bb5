import { formatInstant, type Micros } from '@holdfast/kernel';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { cursorOf, type Page, paginate } from './cursor';
import { etagOf, type Expectation, notModified, readExpectation } from './etag';
import type { Principal } from './principal';

/** A version of a document as it is kept. */
interface Kept<T> {
  readonly version: number;
  readonly body: T;
  readonly changedBy: string;
  readonly changedAt: Micros;
}

/** Where documents of one kind are. */
export interface Documents<T> {
  list(after: string, limit: number): Promise<readonly (Kept<T> & { readonly id: string })[]>;
  /** @throws DomainError `not_found` */
  get(id: string): Promise<Kept<T>>;
  /** Newest first, of versions below `before`. @throws DomainError `not_found` */
  history(id: string, before: number, limit: number): Promise<readonly Kept<T>[]>;
  /** @returns the version that it has now @throws DomainError as a change of a document does */
  put(
    id: string,
    body: T,
    expected: Exclude<Expectation, undefined> | 'unstated',
    by: string,
    at: Micros,
  ): Promise<number>;
}

/** A document as it is answered. */
export type DocumentAnswer<T> = T & {
  readonly id: string;
  readonly version: number;
  readonly changedBy: string;
  readonly changedAt: string;
};

interface PageQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
}
type ConditionalHeaders = Readonly<Record<string, string | undefined>>;

/** Above every version. */
const NEWEST = 4_294_967_295;

/** What the routes of every kind of document do: pages by id, a version with its ETag, its history, and changes under If-Match. */
export class VersionedDocuments<T extends object> {
  private readonly byId;
  private readonly byVersion;

  /** @param kind names its cursors */
  constructor(
    kind: string,
    private readonly documents: Documents<T>,
  ) {
    this.byId = cursorOf(kind, z.tuple([z.string()]));
    this.byVersion = cursorOf(`${kind}-history`, z.tuple([z.int()]));
  }

  async list({ cursor, limit }: PageQuery): Promise<Page<DocumentAnswer<T>>> {
    const [after] = cursor === undefined ? [''] : this.byId.decode(cursor);
    const found = await this.documents.list(after, limit + 1);
    const answers = found.map((one) => answerOf(one.id, one));
    return paginate(answers, limit, this.byId, ({ id }) => [id]);
  }

  /** Undefined with status 304 where the caller has this version. */
  async get(id: string, headers: ConditionalHeaders, reply: FastifyReply): Promise<DocumentAnswer<T> | undefined> {
    const found = await this.documents.get(id);
    void reply.header('etag', etagOf(found.version));
    if (!notModified(headers, found.version)) return answerOf(id, found);
    void reply.status(304);
    return undefined;
  }

  async history(id: string, { cursor, limit }: PageQuery): Promise<Page<DocumentAnswer<T>>> {
    const [before] = cursor === undefined ? [NEWEST] : this.byVersion.decode(cursor);
    const found = await this.documents.history(id, before, limit + 1);
    const answers = found.map((one) => answerOf(id, one));
    return paginate(answers, limit, this.byVersion, ({ version }) => [version]);
  }

  /** Answers with the version that was made, also when somebody has made the next one meanwhile. */
  async put(
    id: string,
    body: T,
    headers: ConditionalHeaders,
    caller: Principal,
    reply: FastifyReply,
  ): Promise<DocumentAnswer<T>> {
    const expected = readExpectation(headers) ?? 'unstated';
    const version = await this.documents.put(id, body, expected, caller.id, Date.now() * 1000);
    void reply.header('etag', etagOf(version));
    const [made] = await this.documents.history(id, version + 1, 1);
    return answerOf(id, made!);
  }
}

const answerOf = <T extends object>(
  id: string,
  { body, version, changedBy, changedAt }: Kept<T>,
): DocumentAnswer<T> => ({
  id,
  version,
  ...body,
  changedBy,
  changedAt: formatInstant(changedAt),
});
