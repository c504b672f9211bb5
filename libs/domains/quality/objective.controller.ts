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
import type { Evaluation } from './core/evaluation';
import { type ObjectiveDefinition, UNITS } from './core/objective';
import { PROJECTION_METHOD } from './core/projection';
import * as schemas from './objective.schemas';
import { type Objective, ObjectiveService } from './objective.service';

const byId = cursorOf('objectives', z.tuple([z.string()]));
const byVersion = cursorOf('objective-history', z.tuple([z.int()]));
const byTime = cursorOf('objective-evaluations', z.tuple([z.int()]));
/** Above every version, after every evaluation. */
const [NEWEST, LAST] = [4_294_967_295, 7_258_118_400_000_000];

const answer = (id: string, { body, version, changedBy, changedAt }: Objective) => ({
  id,
  version,
  ...body,
  changedBy,
  changedAt: formatInstant(changedAt),
});
const evaluationAnswer = (objective: string, one: Evaluation) => ({
  objective,
  ...{ version: one.version, evaluatedAt: formatInstant(one.evaluatedAt), dimension: one.dimension },
  state: one.state,
  reason: one.reason === '' ? null : one.reason,
  covers: { from: formatInstant(one.coversFrom), to: formatInstant(one.coversTo) },
  asOf: formatInstant(one.asOf),
  ...{ numerator: one.good, denominator: one.total, unit: UNITS[one.dimension] },
  ratio: one.total === 0 ? null : one.good / one.total,
  ...{ target: one.target, observations: one.observations },
  ...{ errorBudgetLeft: one.budgetLeft, burnRate: one.burnRate, recentFrom: formatInstant(one.recentFrom) },
  projectedBreach: one.projectedAt === null ? null : { at: formatInstant(one.projectedAt), method: PROJECTION_METHOD },
  newestAt: one.newestAt === null ? null : formatInstant(one.newestAt),
});

@Controller('v1/objectives')
export class ObjectiveController {
  constructor(private readonly objectives: ObjectiveService) {}

  @Get()
  @Permission('quality:read')
  @Answers(200, 'Objectives by id.', pageOf(schemas.ObjectiveAnswer))
  async list(@Query({ schema: schemas.ListQuery }) { cursor, limit }: z.output<typeof schemas.ListQuery>) {
    const [after] = cursor === undefined ? [''] : byId.decode(cursor);
    const found = await this.objectives.list(after, limit + 1);
    return paginate(
      found.map((one) => answer(one.id, one)),
      limit,
      byId,
      ({ id }) => [id],
    );
  }

  @Get(':id')
  @Permission('quality:read')
  @Answers(200, 'The objective, with the ETag of its version.', schemas.ObjectiveAnswer)
  @Answers(304, 'If-None-Match names the version that the objective has now.')
  async get(
    @Param('id', { schema: schemas.ObjectiveId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const found = await this.objectives.objective(id);
    void reply.header('etag', etagOf(found.version));
    if (notModified(headers, found.version)) return void reply.status(304);
    return answer(id, found);
  }

  @Get(':id/history')
  @Permission('quality:read')
  @Answers(200, 'Versions of the objective, newest first.', pageOf(schemas.ObjectiveAnswer))
  async history(
    @Param('id', { schema: schemas.ObjectiveId }) id: string,
    @Query({ schema: schemas.ListQuery }) { cursor, limit }: z.output<typeof schemas.ListQuery>,
  ) {
    const [before] = cursor === undefined ? [NEWEST] : byVersion.decode(cursor);
    const found = await this.objectives.history(id, before, limit + 1);
    return paginate(
      found.map((one) => answer(id, one)),
      limit,
      byVersion,
      ({ version }) => [version],
    );
  }

  @Put(':id')
  @Permission('quality:write')
  @Answers(200, 'The version that the objective has now.', schemas.ObjectiveAnswer)
  async put(
    @Param('id', { schema: schemas.ObjectiveId }) id: string,
    @Body({ schema: schemas.ObjectiveSchema }) definition: ObjectiveDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const now = microsOf(new Date().toISOString());
    const version = await this.objectives.put(id, definition, readExpectation(headers) ?? 'unstated', caller.id, now);
    void reply.header('etag', etagOf(version));
    // This version, also when somebody has made the next one meanwhile.
    const [made] = await this.objectives.history(id, version + 1, 1);
    return answer(id, made!);
  }

  @Get(':id/evaluations')
  @Permission('quality:read')
  @Answers(200, 'What the objective was found to be, newest first.', schemas.EvaluationPage)
  async evaluations(
    @Param('id', { schema: schemas.ObjectiveId }) id: string,
    @Query({ schema: schemas.ListQuery }) { cursor, limit }: z.output<typeof schemas.ListQuery>,
  ) {
    const [before] = cursor === undefined ? [LAST] : byTime.decode(cursor);
    const found = await this.objectives.evaluations(id, before, limit + 1);
    const { items, next } = paginate(found, limit, byTime, ({ evaluatedAt }) => [evaluatedAt]);
    const shown = items.map((one) => evaluationAnswer(id, one));
    return { items: shown, ...(next !== undefined && { next }) };
  }

  @Post(':id/evaluate')
  @HttpCode(200)
  @Permission('quality:write')
  @Answers(
    200,
    'What the objective was found to be just now; kept like those of the Schedule.',
    schemas.EvaluationAnswer,
  )
  async evaluate(@Param('id', { schema: schemas.ObjectiveId }) id: string) {
    return evaluationAnswer(id, await this.objectives.evaluate(id));
  }
}
