import { Body, Controller, Get, Headers, Inject, Param, Put, Query, Res } from '@nestjs/common';
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
import type { Version } from '@holdfast/domains/register/core/document';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { EscalationPolicyDefinition } from './core/escalation-policy';
import { EscalationPolicyAnswer, EscalationPolicySchema, PolicyId } from './escalation-policy.schemas';
import { EscalationPolicyService } from './escalation-policy.service';

const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });
const byId = cursorOf('escalation-policies', z.tuple([z.string()]));
const byVersion = cursorOf('escalation-policy-history', z.tuple([z.int()]));
/** Above every version. */
const NEWEST = 4_294_967_295;

const answer = (id: string, { body, version, changedBy, changedAt }: Version<EscalationPolicyDefinition>) => ({
  id,
  version,
  ...body,
  changedBy,
  changedAt: formatInstant(changedAt),
});

@Controller('v1/escalation-policies')
export class EscalationPolicyController {
  constructor(@Inject(EscalationPolicyService) private readonly policies: EscalationPolicyService) {}

  @Get()
  @Permission('policies:read')
  @Answers(200, 'Escalation policies by id.', pageOf(EscalationPolicyAnswer))
  async list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    const [after] = cursor === undefined ? [''] : byId.decode(cursor);
    const found = await this.policies.policies(after, limit + 1);
    return paginate(
      found.map((one) => answer(one.id, one)),
      limit,
      byId,
      ({ id }) => [id],
    );
  }

  @Get(':id')
  @Permission('policies:read')
  @Answers(200, 'The policy, with the ETag of its version.', EscalationPolicyAnswer)
  @Answers(304, 'If-None-Match names the version that the policy has now.')
  async get(
    @Param('id', { schema: PolicyId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const found = await this.policies.policy(id);
    void reply.header('etag', etagOf(found.version));
    if (notModified(headers, found.version)) return void reply.status(304);
    return answer(id, found);
  }

  @Get(':id/history')
  @Permission('policies:read')
  @Answers(200, 'Versions of the policy, newest first.', pageOf(EscalationPolicyAnswer))
  async history(
    @Param('id', { schema: PolicyId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    const [before] = cursor === undefined ? [NEWEST] : byVersion.decode(cursor);
    const found = await this.policies.history(id, before, limit + 1);
    return paginate(
      found.map((one) => answer(id, one)),
      limit,
      byVersion,
      ({ version }) => [version],
    );
  }

  @Put(':id')
  @Permission('policies:write')
  @Answers(
    200,
    'The version that the policy has now. Alerts raised before follow the version that they were raised with.',
    EscalationPolicyAnswer,
  )
  async put(
    @Param('id', { schema: PolicyId }) id: string,
    @Body({ schema: EscalationPolicySchema }) policy: EscalationPolicyDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const now = microsOf(new Date().toISOString());
    const version = await this.policies.put(id, policy, readExpectation(headers) ?? 'unstated', caller.id, now);
    void reply.header('etag', etagOf(version));
    // This version, also when somebody has made the next one meanwhile.
    const [made] = await this.policies.history(id, version + 1, 1);
    return answer(id, made!);
  }
}
