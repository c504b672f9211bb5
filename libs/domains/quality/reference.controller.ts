import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
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
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Check, ReferenceDefinition } from './core/reference';
import { ListQuery } from './objective.schemas';
import * as schemas from './reference.schemas';
import { type Reference, ReferenceService } from './reference.service';

const byId = cursorOf('references', z.tuple([z.string()]));
const byVersion = cursorOf('reference-history', z.tuple([z.int()]));
const byTime = cursorOf('reference-checks', z.tuple([z.int()]));
/** Above every version, after every check. */
const [NEWEST, LAST] = [4_294_967_295, 7_258_118_400_000_000];

const answer = (id: string, { body, version, changedBy, changedAt }: Reference) => ({
  id,
  version,
  ...body,
  changedBy,
  changedAt: formatInstant(changedAt),
});
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
  constructor(private readonly references: ReferenceService) {}

  @Get()
  @Permission('quality:read')
  @Answers(200, 'References by id.', pageOf(schemas.ReferenceAnswer))
  async list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    const [after] = cursor === undefined ? [''] : byId.decode(cursor);
    const found = await this.references.list(after, limit + 1);
    return paginate(
      found.map((one) => answer(one.id, one)),
      limit,
      byId,
      ({ id }) => [id],
    );
  }

  @Get(':id')
  @Permission('quality:read')
  @Answers(200, 'The reference, with the ETag of its version.', schemas.ReferenceAnswer)
  @Answers(304, 'If-None-Match names the version that the reference has now.')
  async get(
    @Param('id', { schema: schemas.ReferenceId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const found = await this.references.reference(id);
    void reply.header('etag', etagOf(found.version));
    if (notModified(headers, found.version)) return void reply.status(304);
    return answer(id, found);
  }

  @Get(':id/history')
  @Permission('quality:read')
  @Answers(200, 'Versions of the reference, newest first.', pageOf(schemas.ReferenceAnswer))
  async history(
    @Param('id', { schema: schemas.ReferenceId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    const [before] = cursor === undefined ? [NEWEST] : byVersion.decode(cursor);
    const found = await this.references.history(id, before, limit + 1);
    return paginate(
      found.map((one) => answer(id, one)),
      limit,
      byVersion,
      ({ version }) => [version],
    );
  }

  @Put(':id')
  @Permission('quality:write')
  @Answers(200, 'The version that the reference has now.', schemas.ReferenceAnswer)
  async put(
    @Param('id', { schema: schemas.ReferenceId }) id: string,
    @Body({ schema: schemas.ReferenceSchema }) definition: ReferenceDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const now = microsOf(new Date().toISOString());
    const version = await this.references.put(id, definition, readExpectation(headers) ?? 'unstated', caller.id, now);
    void reply.header('etag', etagOf(version));
    // This version, also when somebody has made the next one meanwhile.
    const [made] = await this.references.history(id, version + 1, 1);
    return answer(id, made!);
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
