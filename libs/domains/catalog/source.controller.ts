import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import { formatInstant, microsOf } from '@holdfast/kernel';
import {
  Answers,
  Caller,
  cursorOf,
  etagOf,
  notModified,
  pageLimit,
  pageOf,
  paginate,
  Permission,
  readExpectation,
  type Principal,
} from '@holdfast/platform/http';
import type { Version } from '@holdfast/domains/register/core/document';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { SourceService } from './source.service';
import { SourceAnswer, SourceId, SourceSchema } from './source.schemas';
import type { SourceDefinition } from './core/source';

const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });
const byId = cursorOf('sources', z.tuple([z.string()]));
const byVersion = cursorOf('source-history', z.tuple([z.int()]));

const answer = (id: string, { body, version, changedBy, changedAt }: Version<SourceDefinition>) => ({
  id,
  version,
  ...body,
  changedBy,
  changedAt: formatInstant(changedAt),
});

@Controller('v1/sources')
export class SourceController {
  constructor(private readonly sources: SourceService) {}

  @Get()
  @Permission('sources:read')
  @Answers(200, 'Sources by id.', pageOf(SourceAnswer))
  async list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    const [after] = cursor === undefined ? [''] : byId.decode(cursor);
    const found = await this.sources.list(after, limit + 1);
    return paginate(
      found.map((one) => answer(one.id, one)),
      limit,
      byId,
      ({ id }) => [id],
    );
  }

  @Get(':id')
  @Permission('sources:read')
  @Answers(200, 'The source, with the ETag of its version.', SourceAnswer)
  @Answers(304, 'If-None-Match names the version that the source has now.')
  async get(
    @Param('id', { schema: SourceId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const found = await this.sources.source(id);
    void reply.header('etag', etagOf(found.version));
    if (notModified(headers, found.version)) return void reply.status(304);
    return answer(id, found);
  }

  @Get(':id/history')
  @Permission('sources:read')
  @Answers(200, 'Versions of the source, newest first.', pageOf(SourceAnswer))
  async history(
    @Param('id', { schema: SourceId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    const [before] = cursor === undefined ? [4_294_967_295] : byVersion.decode(cursor);
    const found = await this.sources.history(id, before, limit + 1);
    return paginate(
      found.map((one) => answer(id, one)),
      limit,
      byVersion,
      ({ version }) => [version],
    );
  }

  @Put(':id')
  @Permission('sources:write')
  @Answers(200, 'The version that the source has now.', SourceAnswer)
  async put(
    @Param('id', { schema: SourceId }) id: string,
    @Body({ schema: SourceSchema }) definition: SourceDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const now = microsOf(new Date().toISOString());
    const version = await this.sources.put(id, definition, readExpectation(headers) ?? 'unstated', caller.id, now);
    void reply.header('etag', etagOf(version));
    // This version, also when somebody has made the next one meanwhile.
    const [made] = await this.sources.history(id, version + 1, 1);
    return answer(id, made!);
  }
}
