import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import { Answers, VersionedDocuments, Caller, pageOf, Permission, type Principal } from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ComparisonDefinitionService } from './comparison-definition.service';
import { ComparisonDocumentSchema, DefinitionAnswer, DefinitionId, ListQuery } from './comparisons.schemas';
import type { ComparisonDocument } from './core/run';

@Controller('v1/comparison-definitions')
export class ComparisonDefinitionController {
  private readonly documents: VersionedDocuments<ComparisonDocument>;

  constructor(definitions: ComparisonDefinitionService) {
    this.documents = new VersionedDocuments<ComparisonDocument>('comparison-definitions', {
      list: (after, limit) => definitions.list(after, limit),
      get: (id) => definitions.definition(id),
      history: (id, before, limit) => definitions.history(id, before, limit),
      put: (id, body, expected, by, at) => definitions.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('comparisons:read')
  @Answers(200, 'Definitions of comparisons by id.', pageOf(DefinitionAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('comparisons:read')
  @Answers(200, 'The definition, with the ETag of its version.', DefinitionAnswer)
  @Answers(304, 'If-None-Match names the version that the definition has now.')
  get(
    @Param('id', { schema: DefinitionId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('comparisons:read')
  @Answers(200, 'Versions of the definition, newest first.', pageOf(DefinitionAnswer))
  history(
    @Param('id', { schema: DefinitionId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('comparisons:write')
  @Answers(200, 'The version that the definition has now.', DefinitionAnswer)
  put(
    @Param('id', { schema: DefinitionId }) id: string,
    @Body({ schema: ComparisonDocumentSchema }) document: ComparisonDocument,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, document, headers, caller, reply);
  }
}
