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
import type { Evaluation } from './core/evaluation';
import { type ObjectiveDefinition, UNITS } from './core/objective';
import { PROJECTION_METHOD } from './core/projection';
import * as schemas from './objective.schemas';
import { ObjectiveService } from './objective.service';

const byTime = cursorOf('objective-evaluations', z.tuple([z.int()]));
/** After every evaluation. */
const LAST = 7_258_118_400_000_000;

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
  private readonly documents: VersionedDocuments<ObjectiveDefinition>;

  constructor(private readonly objectives: ObjectiveService) {
    this.documents = new VersionedDocuments<ObjectiveDefinition>('objectives', {
      list: (after, limit) => objectives.list(after, limit),
      get: (id) => objectives.objective(id),
      history: (id, before, limit) => objectives.history(id, before, limit),
      put: (id, body, expected, by, at) => objectives.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('quality:read')
  @Answers(200, 'Objectives by id.', pageOf(schemas.ObjectiveAnswer))
  list(@Query({ schema: schemas.ListQuery }) { cursor, limit }: z.output<typeof schemas.ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('quality:read')
  @Answers(200, 'The objective, with the ETag of its version.', schemas.ObjectiveAnswer)
  @Answers(304, 'If-None-Match names the version that the objective has now.')
  get(
    @Param('id', { schema: schemas.ObjectiveId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('quality:read')
  @Answers(200, 'Versions of the objective, newest first.', pageOf(schemas.ObjectiveAnswer))
  history(
    @Param('id', { schema: schemas.ObjectiveId }) id: string,
    @Query({ schema: schemas.ListQuery }) { cursor, limit }: z.output<typeof schemas.ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('quality:write')
  @Answers(200, 'The version that the objective has now.', schemas.ObjectiveAnswer)
  put(
    @Param('id', { schema: schemas.ObjectiveId }) id: string,
    @Body({ schema: schemas.ObjectiveSchema }) definition: ObjectiveDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, definition, headers, caller, reply);
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
