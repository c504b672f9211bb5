import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Put, Query, Res } from '@nestjs/common';
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
import type { PrivacyPolicyDefinition } from './core/policy';
import {
  PreviewAnswer,
  PreviewSchema,
  PrivacyPolicyAnswer,
  PrivacyPolicyId,
  PrivacyPolicySchema,
} from './privacy.schemas';
import { PrivacyService } from './privacy.service';

const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });

@Controller('v1/privacy-policies')
export class PrivacyController {
  private readonly documents: VersionedDocuments<PrivacyPolicyDefinition>;

  constructor(@Inject(PrivacyService) private readonly policies: PrivacyService) {
    this.documents = new VersionedDocuments<PrivacyPolicyDefinition>('privacy-policies', {
      list: (after, limit) => policies.policies(after, limit),
      get: (id) => policies.policy(id),
      history: (id, before, limit) => policies.history(id, before, limit),
      put: (id, body, expected, by, at) => policies.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('privacy:read')
  @Answers(
    200,
    'Privacy policies by id; `built-in`, which is none of yours, is not among them.',
    pageOf(PrivacyPolicyAnswer),
  )
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('privacy:read')
  @Answers(200, 'The policy, with the ETag of its version.', PrivacyPolicyAnswer)
  @Answers(304, 'If-None-Match names the version that the policy has now.')
  get(
    @Param('id', { schema: PrivacyPolicyId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('privacy:read')
  @Answers(200, 'Versions of the policy, newest first.', pageOf(PrivacyPolicyAnswer))
  history(
    @Param('id', { schema: PrivacyPolicyId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('privacy:write')
  @Answers(200, 'The version that the policy has now. What was stored before stays as it is.', PrivacyPolicyAnswer)
  put(
    @Param('id', { schema: PrivacyPolicyId }) id: string,
    @Body({ schema: PrivacyPolicySchema }) policy: PrivacyPolicyDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, policy, headers, caller, reply);
  }

  @Post(':id/preview')
  @HttpCode(200)
  @Permission('privacy:read')
  @Answers(200, 'What the policy makes of each field here; no raw value.', PreviewAnswer)
  preview(
    @Param('id', { schema: PrivacyPolicyId }) id: string,
    @Body({ schema: PreviewSchema }) records: z.output<typeof PreviewSchema>,
  ): Promise<z.output<typeof PreviewAnswer>> {
    return this.policies.preview(id, records);
  }
}
