import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { formatInstant } from '@holdfast/kernel';
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
import type { RuleDefinition } from './core/rule';
import { DocumentId, RuleAnswer, RuleSchema, TrialAnswer, TrialSchema } from './rule.schemas';
import { RuleService } from './rule.service';
import { RuleTrialService } from './rule-trial.service';

const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });

@Controller('v1/resolution-rules')
export class RuleController {
  private readonly documents: VersionedDocuments<RuleDefinition>;

  constructor(
    rules: RuleService,
    private readonly trials: RuleTrialService,
  ) {
    this.documents = new VersionedDocuments<RuleDefinition>('resolution-rules', {
      list: (after, limit) => rules.list(after, limit),
      get: (id) => rules.rule(id),
      history: (id, before, limit) => rules.history(id, before, limit),
      put: (id, body, expected, by, at) => rules.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('resolution:read')
  @Answers(200, 'Resolution rules by id.', pageOf(RuleAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('resolution:read')
  @Answers(200, 'The rule, with the ETag of its version.', RuleAnswer)
  @Answers(304, 'If-None-Match names the version that the rule has now.')
  get(
    @Param('id', { schema: DocumentId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('resolution:read')
  @Answers(200, 'Versions of the rule, newest first.', pageOf(RuleAnswer))
  history(
    @Param('id', { schema: DocumentId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('resolution:write')
  @Answers(200, 'The version that the rule has now; passes that have begun keep theirs.', RuleAnswer)
  put(
    @Param('id', { schema: DocumentId }) id: string,
    @Body({ schema: RuleSchema }) rule: RuleDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, rule, headers, caller, reply);
  }

  @Post('trials')
  @HttpCode(200)
  @Permission('resolution:read')
  @Answers(200, 'What the rule would have decided about windows of the past. Nothing is done.', TrialAnswer)
  async try(@Body({ schema: TrialSchema }) trial: z.output<typeof TrialSchema>) {
    const { windows, ...sums } = await this.trials.try(trial);
    return { windows: windows.map((one) => ({ ...one, judgedAt: formatInstant(one.judgedAt) })), ...sums };
  }
}
