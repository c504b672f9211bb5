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
import type { MappingDefinition } from './core/mapping';
import { MappingAnswer, MappingSchema, MappingId } from './mapping.schemas';
import { MappingService } from './mapping.service';

const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });

@Controller('v1/mappings')
export class MappingController {
  private readonly documents: VersionedDocuments<MappingDefinition>;

  constructor(mappings: MappingService) {
    this.documents = new VersionedDocuments<MappingDefinition>('mappings', {
      list: (after, limit) => mappings.mappings(after, limit),
      get: (id) => mappings.mapping(id),
      history: (id, before, limit) => mappings.history(id, before, limit),
      put: (id, body, expected, by, at) => mappings.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('mappings:read')
  @Answers(200, 'Mappings by id.', pageOf(MappingAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('mappings:read')
  @Answers(200, 'The mapping, with the ETag of its version.', MappingAnswer)
  @Answers(304, 'If-None-Match names the version that the mapping has now.')
  get(
    @Param('id', { schema: MappingId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('mappings:read')
  @Answers(200, 'Versions of the mapping, newest first.', pageOf(MappingAnswer))
  history(
    @Param('id', { schema: MappingId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('mappings:write')
  @Answers(
    200,
    'The version that the mapping has now. Alerts raised before follow the version that they were raised with.',
    MappingAnswer,
  )
  put(
    @Param('id', { schema: MappingId }) id: string,
    @Body({ schema: MappingSchema }) mapping: MappingDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, mapping, headers, caller, reply);
  }
}
