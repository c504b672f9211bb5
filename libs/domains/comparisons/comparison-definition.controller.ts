import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import { formatInstant, microsOf } from '@holdfast/kernel';
import {
  Answers,
  Caller,
  cursorOf,
  etagOf,
  notModified,
  pageOf,
  paginate,
  Permission,
  readExpectation,
  type Principal,
} from '@holdfast/platform/http';
import type { Version } from '@holdfast/domains/register/core/document';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ComparisonDefinitionService } from './comparison-definition.service';
import { ComparisonDocumentSchema, DefinitionAnswer, DefinitionId, ListQuery } from './comparisons.schemas';
import type { ComparisonDocument } from './core/run';

const byId = cursorOf('comparison-definitions', z.tuple([z.string()]));
const byVersion = cursorOf('comparison-definition-history', z.tuple([z.int()]));

const answer = (id: string, { body, version, changedBy, changedAt }: Version<ComparisonDocument>) => ({
  id,
  version,
  ...body,
  changedBy,
  changedAt: formatInstant(changedAt),
});

@Controller('v1/comparison-definitions')
export class ComparisonDefinitionController {
  constructor(private readonly definitions: ComparisonDefinitionService) {}

  @Get()
  @Permission('comparisons:read')
  @Answers(200, 'Definitions of comparisons by id.', pageOf(DefinitionAnswer))
  async list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    const [after] = cursor === undefined ? [''] : byId.decode(cursor);
    const found = await this.definitions.list(after, limit + 1);
    return paginate(
      found.map((one) => answer(one.id, one)),
      limit,
      byId,
      ({ id }) => [id],
    );
  }

  @Get(':id')
  @Permission('comparisons:read')
  @Answers(200, 'The definition, with the ETag of its version.', DefinitionAnswer)
  @Answers(304, 'If-None-Match names the version that the definition has now.')
  async get(
    @Param('id', { schema: DefinitionId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const found = await this.definitions.definition(id);
    void reply.header('etag', etagOf(found.version));
    if (notModified(headers, found.version)) return void reply.status(304);
    return answer(id, found);
  }

  @Get(':id/history')
  @Permission('comparisons:read')
  @Answers(200, 'Versions of the definition, newest first.', pageOf(DefinitionAnswer))
  async history(
    @Param('id', { schema: DefinitionId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    const [before] = cursor === undefined ? [4_294_967_295] : byVersion.decode(cursor);
    const found = await this.definitions.history(id, before, limit + 1);
    return paginate(
      found.map((one) => answer(id, one)),
      limit,
      byVersion,
      ({ version }) => [version],
    );
  }

  @Put(':id')
  @Permission('comparisons:write')
  @Answers(200, 'The version that the definition has now.', DefinitionAnswer)
  async put(
    @Param('id', { schema: DefinitionId }) id: string,
    @Body({ schema: ComparisonDocumentSchema }) document: ComparisonDocument,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const now = microsOf(new Date().toISOString());
    const version = await this.definitions.put(id, document, readExpectation(headers) ?? 'unstated', caller.id, now);
    void reply.header('etag', etagOf(version));
    // This version, also when somebody has made the next one meanwhile.
    const [made] = await this.definitions.history(id, version + 1, 1);
    return answer(id, made!);
  }
}
