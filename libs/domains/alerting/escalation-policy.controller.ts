import { Body, Controller, Get, Headers, Inject, Param, Put, Query, Res } from '@nestjs/common';
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
import type { EscalationPolicyDefinition } from './core/escalation-policy';
import { EscalationPolicyAnswer, EscalationPolicySchema, PolicyId } from './escalation-policy.schemas';
import { EscalationPolicyService } from './escalation-policy.service';

const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });

@Controller('v1/escalation-policies')
export class EscalationPolicyController {
  private readonly documents: VersionedDocuments<EscalationPolicyDefinition>;

  constructor(@Inject(EscalationPolicyService) policies: EscalationPolicyService) {
    this.documents = new VersionedDocuments<EscalationPolicyDefinition>('escalation-policies', {
      list: (after, limit) => policies.policies(after, limit),
      get: (id) => policies.policy(id),
      history: (id, before, limit) => policies.history(id, before, limit),
      put: (id, body, expected, by, at) => policies.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('policies:read')
  @Answers(200, 'Escalation policies by id.', pageOf(EscalationPolicyAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('policies:read')
  @Answers(200, 'The policy, with the ETag of its version.', EscalationPolicyAnswer)
  @Answers(304, 'If-None-Match names the version that the policy has now.')
  get(
    @Param('id', { schema: PolicyId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('policies:read')
  @Answers(200, 'Versions of the policy, newest first.', pageOf(EscalationPolicyAnswer))
  history(
    @Param('id', { schema: PolicyId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('policies:write')
  @Answers(
    200,
    'The version that the policy has now. Alerts raised before follow the version that they were raised with.',
    EscalationPolicyAnswer,
  )
  put(
    @Param('id', { schema: PolicyId }) id: string,
    @Body({ schema: EscalationPolicySchema }) policy: EscalationPolicyDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, policy, headers, caller, reply);
  }
}
