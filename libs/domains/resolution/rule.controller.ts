import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import type { Version } from '@holdfast/domains/register/core/document';
import { formatInstant, microsOf } from '@holdfast/kernel';
import {
  Answers,
  Caller,
  cursorOf,
  etagOf,
  notModified,
  pageLimit,
  pageOf,
  paginate,
  Permission,
  readExpectation,
  type Principal,
} from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { RuleDefinition } from './core/rule';
import { DocumentId, RuleAnswer, RuleSchema, TrialAnswer, TrialSchema } from './rule.schemas';
import { RuleService } from './rule.service';
import { RuleTrialService } from './rule-trial.service';

const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });
const byId = cursorOf('resolution-rules', z.tuple([z.string()]));
const byVersion = cursorOf('resolution-rule-history', z.tuple([z.int()]));
/** Above every version. */
const NEWEST = 4_294_967_295;

const answer = (id: string, { body, version, changedBy, changedAt }: Version<RuleDefinition>) => ({
  id,
  version,
  ...body,
  changedBy,
  changedAt: formatInstant(changedAt),
});

@Controller('v1/resolution-rules')
export class RuleController {
  constructor(
    private readonly rules: RuleService,
    private readonly trials: RuleTrialService,
  ) {}

  @Get()
  @Permission('resolution:read')
  @Answers(200, 'Resolution rules by id.', pageOf(RuleAnswer))
  async list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    const [after] = cursor === undefined ? [''] : byId.decode(cursor);
    const found = await this.rules.list(after, limit + 1);
    return paginate(
      found.map((one) => answer(one.id, one)),
      limit,
      byId,
      ({ id }) => [id],
    );
  }

  @Get(':id')
  @Permission('resolution:read')
  @Answers(200, 'The rule, with the ETag of its version.', RuleAnswer)
  @Answers(304, 'If-None-Match names the version that the rule has now.')
  async get(
    @Param('id', { schema: DocumentId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const found = await this.rules.rule(id);
    void reply.header('etag', etagOf(found.version));
    if (notModified(headers, found.version)) return void reply.status(304);
    return answer(id, found);
  }

  @Get(':id/history')
  @Permission('resolution:read')
  @Answers(200, 'Versions of the rule, newest first.', pageOf(RuleAnswer))
  async history(
    @Param('id', { schema: DocumentId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    const [before] = cursor === undefined ? [NEWEST] : byVersion.decode(cursor);
    const found = await this.rules.history(id, before, limit + 1);
    return paginate(
      found.map((one) => answer(id, one)),
      limit,
      byVersion,
      ({ version }) => [version],
    );
  }

  @Put(':id')
  @Permission('resolution:write')
  @Answers(200, 'The version that the rule has now; passes that have begun keep theirs.', RuleAnswer)
  async put(
    @Param('id', { schema: DocumentId }) id: string,
    @Body({ schema: RuleSchema }) rule: RuleDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const now = microsOf(new Date().toISOString());
    const version = await this.rules.put(id, rule, readExpectation(headers) ?? 'unstated', caller.id, now);
    void reply.header('etag', etagOf(version));
    // This version, also when somebody has made the next one meanwhile.
    const [made] = await this.rules.history(id, version + 1, 1);
    return answer(id, made!);
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
