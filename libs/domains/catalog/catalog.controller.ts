import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
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
import { CatalogService } from './catalog.service';
import { ProcessDefinitionSchema, ProcessId } from './catalog.schemas';
import type { ProcessDefinition } from './core/process';

const ProcessAnswer = ProcessDefinitionSchema.safeExtend({
  id: ProcessId,
  version: z.int(),
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
});
const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });

@Controller('v1/processes')
export class CatalogController {
  private readonly documents: VersionedDocuments<ProcessDefinition>;

  constructor(catalog: CatalogService) {
    this.documents = new VersionedDocuments<ProcessDefinition>('processes', {
      list: (after, limit) => catalog.processes(after, limit),
      get: (id) => catalog.process(id),
      history: (id, before, limit) => catalog.history(id, before, limit),
      put: (id, body, expected, by, at) => catalog.putProcess(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('processes:read')
  @Answers(200, 'Processes by id.', pageOf(ProcessAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('processes:read')
  @Answers(200, 'The process, with the ETag of its version.', ProcessAnswer)
  @Answers(304, 'If-None-Match names the version that the process has now.')
  get(
    @Param('id', { schema: ProcessId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('processes:read')
  @Answers(200, 'Versions of the process, newest first.', pageOf(ProcessAnswer))
  history(
    @Param('id', { schema: ProcessId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('processes:write')
  @Answers(200, 'The version that the definition has now.', ProcessAnswer)
  put(
    @Param('id', { schema: ProcessId }) id: string,
    @Body({ schema: ProcessDefinitionSchema }) definition: ProcessDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, definition, headers, caller, reply);
  }
}
