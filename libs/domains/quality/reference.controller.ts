import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { formatInstant } from '@holdfast/kernel';
import {
  Answers,
  VersionedDocuments,
  Caller,
  cursorOf,
  pageOf,
  paginate,
  Permission,
  type Principal,
} from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Check, ReferenceDefinition } from './core/reference';
import { ListQuery } from './objective.schemas';
import * as schemas from './reference.schemas';
import { ReferenceService } from './reference.service';

const byTime = cursorOf('reference-checks', z.tuple([z.int()]));
/** After every check. */
const LAST = 7_258_118_400_000_000;

const checkAnswer = (reference: string, one: Check) => ({
  reference,
  version: one.version,
  checkedAt: formatInstant(one.checkedAt),
  covers: { from: formatInstant(one.coversFrom), to: formatInstant(one.coversTo) },
  tracking: { keys: one.tracked, orphans: one.orphansInTracking, examples: one.examplesInTracking },
  business: { keys: one.business, orphans: one.orphansInBusiness, examples: one.examplesInBusiness },
  failure: one.failure ?? null,
});

@Controller('v1/references')
export class ReferenceController {
  private readonly documents: VersionedDocuments<ReferenceDefinition>;

  constructor(private readonly references: ReferenceService) {
    this.documents = new VersionedDocuments<ReferenceDefinition>('references', {
      list: (after, limit) => references.list(after, limit),
      get: (id) => references.reference(id),
      history: (id, before, limit) => references.history(id, before, limit),
      put: (id, body, expected, by, at) => references.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('quality:read')
  @Answers(200, 'References by id.', pageOf(schemas.ReferenceAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('quality:read')
  @Answers(200, 'The reference, with the ETag of its version.', schemas.ReferenceAnswer)
  @Answers(304, 'If-None-Match names the version that the reference has now.')
  get(
    @Param('id', { schema: schemas.ReferenceId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('quality:read')
  @Answers(200, 'Versions of the reference, newest first.', pageOf(schemas.ReferenceAnswer))
  history(
    @Param('id', { schema: schemas.ReferenceId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('quality:write')
  @Answers(200, 'The version that the reference has now.', schemas.ReferenceAnswer)
  put(
    @Param('id', { schema: schemas.ReferenceId }) id: string,
    @Body({ schema: schemas.ReferenceSchema }) definition: ReferenceDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, definition, headers, caller, reply);
  }

  @Get(':id/checks')
  @Permission('quality:read')
  @Answers(200, 'What came of checking the reference, newest first.', schemas.CheckPage)
  async checks(
    @Param('id', { schema: schemas.ReferenceId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    const [before] = cursor === undefined ? [LAST] : byTime.decode(cursor);
    const found = await this.references.checks(id, before, limit + 1);
    const { items, next } = paginate(found, limit, byTime, ({ checkedAt }) => [checkedAt]);
    return { items: items.map((one) => checkAnswer(id, one)), ...(next !== undefined && { next }) };
  }

  @Post(':id/check')
  @HttpCode(202)
  @Permission('quality:write')
  @Answers(202, 'It is being checked; GET /v1/references/{id}/checks has what comes of it.', schemas.CheckStarted)
  async check(@Param('id', { schema: schemas.ReferenceId }) id: string) {
    return { reference: id, isNew: await this.references.check(id) };
  }
}
