import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
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
import { CheckAnswer, ContractAnswer, ContractSchema, EventType } from './contracts.schemas';
import { ContractsService } from './contracts.service';
import type { ContractDefinition } from './core/contract';

const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });

@Controller('v1/contracts')
export class ContractsController {
  private readonly documents: VersionedDocuments<ContractDefinition>;

  constructor(private readonly contracts: ContractsService) {
    this.documents = new VersionedDocuments<ContractDefinition>('contracts', {
      list: (after, limit) => contracts.contracts(after, limit),
      get: (id) => contracts.contract(id),
      history: (id, before, limit) => contracts.history(id, before, limit),
      put: (id, body, expected, by, at) => contracts.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('contracts:read')
  @Answers(200, 'Contracts by event type.', pageOf(ContractAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':type')
  @Permission('contracts:read')
  @Answers(200, 'The contract, with the ETag of its version.', ContractAnswer)
  @Answers(304, 'If-None-Match names the version that the contract has now.')
  get(
    @Param('type', { schema: EventType }) type: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(type, headers, reply);
  }

  @Get(':type/history')
  @Permission('contracts:read')
  @Answers(200, 'Versions of the contract, newest first.', pageOf(ContractAnswer))
  history(
    @Param('type', { schema: EventType }) type: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(type, { cursor, limit });
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
  put(
    @Param('type', { schema: EventType }) type: string,
    @Body({ schema: ContractSchema }) definition: ContractDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(type, definition, headers, caller, reply);
  }
}
