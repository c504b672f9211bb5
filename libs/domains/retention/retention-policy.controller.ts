import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import {
  Answers,
  Caller,
  pageLimit,
  pageOf,
  Permission,
  type Principal,
  VersionedDocuments,
} from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { RetentionPolicyDefinition } from './core/policy';
import { ImpactService } from './impact.service';
import {
  ImpactAnswer,
  RetentionPolicyAnswer,
  RetentionPolicyId,
  RetentionPolicySchema,
} from './retention-policy.schemas';
import { RetentionPolicyService } from './retention-policy.service';

const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });

@Controller('v1/retention-policies')
export class RetentionPolicyController {
  private readonly documents: VersionedDocuments<RetentionPolicyDefinition>;

  constructor(
    policies: RetentionPolicyService,
    private readonly impacts: ImpactService,
  ) {
    this.documents = new VersionedDocuments<RetentionPolicyDefinition>('retention-policies', {
      list: (after, limit) => policies.list(after, limit),
      get: (id) => policies.policy(id),
      history: (id, before, limit) => policies.history(id, before, limit),
      put: (id, body, expected, by, at) => policies.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('retention:read')
  @Answers(200, 'Retention policies by id.', pageOf(RetentionPolicyAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('retention:read')
  @Answers(200, 'The policy, with the ETag of its version.', RetentionPolicyAnswer)
  @Answers(304, 'If-None-Match names the version that the policy has now.')
  get(
    @Param('id', { schema: RetentionPolicyId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('retention:read')
  @Answers(200, 'Versions of the policy, newest first.', pageOf(RetentionPolicyAnswer))
  history(
    @Param('id', { schema: RetentionPolicyId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('retention:write')
  @Answers(200, 'The version that the policy has now.', RetentionPolicyAnswer)
  put(
    @Param('id', { schema: RetentionPolicyId }) id: string,
    @Body({ schema: RetentionPolicySchema }) policy: RetentionPolicyDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, policy, headers, caller, reply);
  }

  @Post(':id/impact')
  @HttpCode(200)
  @Permission('retention:read')
  @Answers(
    200,
    'What the records would become if the policy were put so. Nothing is stored; holds are not asked.',
    ImpactAnswer,
  )
  impact(
    @Param('id', { schema: RetentionPolicyId }) id: string,
    @Body({ schema: RetentionPolicySchema }) policy: RetentionPolicyDefinition,
  ) {
    return this.impacts.impact(id, policy, Date.now() * 1000);
  }
}
