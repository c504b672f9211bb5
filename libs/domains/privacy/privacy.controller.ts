import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Put, Query, Res } from '@nestjs/common';
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
const byId = cursorOf('privacy-policies', z.tuple([z.string()]));
const byVersion = cursorOf('privacy-policy-history', z.tuple([z.int()]));
/** Above every version. */
const NEWEST = 4_294_967_295;

const answer = (id: string, { body, version, changedBy, changedAt }: Version<PrivacyPolicyDefinition>) => ({
  id,
  version,
  ...body,
  changedBy,
  changedAt: formatInstant(changedAt),
});

@Controller('v1/privacy-policies')
export class PrivacyController {
  constructor(@Inject(PrivacyService) private readonly policies: PrivacyService) {}

  @Get()
  @Permission('privacy:read')
  @Answers(
    200,
    'Privacy policies by id; `built-in`, which is none of yours, is not among them.',
    pageOf(PrivacyPolicyAnswer),
  )
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
  @Permission('privacy:read')
  @Answers(200, 'The policy, with the ETag of its version.', PrivacyPolicyAnswer)
  @Answers(304, 'If-None-Match names the version that the policy has now.')
  async get(
    @Param('id', { schema: PrivacyPolicyId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const found = await this.policies.policy(id);
    void reply.header('etag', etagOf(found.version));
    if (notModified(headers, found.version)) return void reply.status(304);
    return answer(id, found);
  }

  @Get(':id/history')
  @Permission('privacy:read')
  @Answers(200, 'Versions of the policy, newest first.', pageOf(PrivacyPolicyAnswer))
  async history(
    @Param('id', { schema: PrivacyPolicyId }) id: string,
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
  @Permission('privacy:write')
  @Answers(200, 'The version that the policy has now. What was stored before stays as it is.', PrivacyPolicyAnswer)
  async put(
    @Param('id', { schema: PrivacyPolicyId }) id: string,
    @Body({ schema: PrivacyPolicySchema }) policy: PrivacyPolicyDefinition,
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
