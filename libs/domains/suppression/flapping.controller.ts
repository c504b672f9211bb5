import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import { Answers, Caller, pageOf, Permission, type Principal, VersionedDocuments } from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { FlappingDefinition } from './core/muting';
import { FlappingService } from './flapping.service';
import { FlappingAnswer, FlappingSchema, ListQuery, SuppressionId } from './suppression.schemas';

@Controller('v1/flapping-rules')
export class FlappingController {
  private readonly documents: VersionedDocuments<FlappingDefinition>;

  constructor(rules: FlappingService) {
    this.documents = new VersionedDocuments<FlappingDefinition>('flapping-rules', {
      list: (after, limit) => rules.list(after, limit),
      get: (id) => rules.rule(id),
      history: (id, before, limit) => rules.history(id, before, limit),
      put: (id, body, expected, by, at) => rules.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('suppressions:read')
  @Answers(200, 'Flapping rules by id.', pageOf(FlappingAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('suppressions:read')
  @Answers(200, 'The rule, with the ETag of its version.', FlappingAnswer)
  @Answers(304, 'If-None-Match names the version that the rule has now.')
  get(
    @Param('id', { schema: SuppressionId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('suppressions:read')
  @Answers(200, 'Versions of the rule, newest first.', pageOf(FlappingAnswer))
  history(
    @Param('id', { schema: SuppressionId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('suppressions:define')
  @Answers(200, 'The version that the rule has now.', FlappingAnswer)
  put(
    @Param('id', { schema: SuppressionId }) id: string,
    @Body({ schema: FlappingSchema }) rule: FlappingDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, rule, headers, caller, reply);
  }
}
