import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
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
import { CheckAnswer, ContractAnswer, ContractSchema, EventType } from './contracts.schemas';
import { ContractsService } from './contracts.service';
import type { ContractDefinition } from './core/contract';

const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });
const byType = cursorOf('contracts', z.tuple([z.string()]));
const byVersion = cursorOf('contract-history', z.tuple([z.int()]));
/** Above every version. */
const NEWEST = 4_294_967_295;

const answer = (id: string, { body, version, changedBy, changedAt }: Version<ContractDefinition>) => ({
  id,
  version,
  ...body,
  changedBy,
  changedAt: formatInstant(changedAt),
});

@Controller('v1/contracts')
export class ContractsController {
  constructor(private readonly contracts: ContractsService) {}

  @Get()
  @Permission('contracts:read')
  @Answers(200, 'Contracts by event type.', pageOf(ContractAnswer))
  async list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    const [after] = cursor === undefined ? [''] : byType.decode(cursor);
    const found = await this.contracts.contracts(after, limit + 1);
    return paginate(
      found.map((one) => answer(one.id, one)),
      limit,
      byType,
      ({ id }) => [id],
    );
  }

  @Get(':type')
  @Permission('contracts:read')
  @Answers(200, 'The contract, with the ETag of its version.', ContractAnswer)
  @Answers(304, 'If-None-Match names the version that the contract has now.')
  async get(
    @Param('type', { schema: EventType }) type: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const found = await this.contracts.contract(type);
    void reply.header('etag', etagOf(found.version));
    if (notModified(headers, found.version)) return void reply.status(304);
    return answer(type, found);
  }

  @Get(':type/history')
  @Permission('contracts:read')
  @Answers(200, 'Versions of the contract, newest first.', pageOf(ContractAnswer))
  async history(
    @Param('type', { schema: EventType }) type: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    const [before] = cursor === undefined ? [NEWEST] : byVersion.decode(cursor);
    const found = await this.contracts.history(type, before, limit + 1);
    return paginate(
      found.map((one) => answer(type, one)),
      limit,
      byVersion,
      ({ version }) => [version],
    );
  }

  @Post(':type/check')
  @HttpCode(200)
  @Permission('contracts:read')
  @Answers(
    200,
    'Whether the definition could be the next version, and what stands against it. Stores nothing.',
    CheckAnswer,
  )
  check(
    @Param('type', { schema: EventType }) type: string,
    @Body({ schema: ContractSchema }) definition: ContractDefinition,
  ) {
    return this.contracts.check(type, definition);
  }

  @Put(':type')
  @Permission('contracts:write')
  @Answers(200, 'The version that the contract has now. It holds for events from a second later on.', ContractAnswer)
  async put(
    @Param('type', { schema: EventType }) type: string,
    @Body({ schema: ContractSchema }) definition: ContractDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const now = microsOf(new Date().toISOString());
    const version = await this.contracts.put(type, definition, readExpectation(headers) ?? 'unstated', caller.id, now);
    void reply.header('etag', etagOf(version));
    const [made] = await this.contracts.history(type, version + 1, 1);
    return answer(type, made!);
  }
}
