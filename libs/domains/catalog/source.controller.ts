import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import {
  Answers,
  VersionedDocuments,
  Caller,
  pageLimit,
  pageOf,
  Permission,
  type Principal,
} from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { SourceService } from './source.service';
import { SourceAnswer, SourceId, SourceSchema } from './source.schemas';
import type { SourceDefinition } from './core/source';

const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });

@Controller('v1/sources')
export class SourceController {
  private readonly documents: VersionedDocuments<SourceDefinition>;

  constructor(sources: SourceService) {
    this.documents = new VersionedDocuments<SourceDefinition>('sources', {
      list: (after, limit) => sources.list(after, limit),
      get: (id) => sources.source(id),
      history: (id, before, limit) => sources.history(id, before, limit),
      put: (id, body, expected, by, at) => sources.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('sources:read')
  @Answers(200, 'Sources by id.', pageOf(SourceAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('sources:read')
  @Answers(200, 'The source, with the ETag of its version.', SourceAnswer)
  @Answers(304, 'If-None-Match names the version that the source has now.')
  get(
    @Param('id', { schema: SourceId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('sources:read')
  @Answers(200, 'Versions of the source, newest first.', pageOf(SourceAnswer))
  history(
    @Param('id', { schema: SourceId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('sources:write')
  @Answers(200, 'The version that the source has now.', SourceAnswer)
  put(
    @Param('id', { schema: SourceId }) id: string,
    @Body({ schema: SourceSchema }) definition: SourceDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, definition, headers, caller, reply);
  }
}
