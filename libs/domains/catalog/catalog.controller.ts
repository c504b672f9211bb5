import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
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
const byId = cursorOf('processes', z.tuple([z.string()]));
const byVersion = cursorOf('process-history', z.tuple([z.int()]));

const answer = (id: string, { body, version, changedBy, changedAt }: Version<ProcessDefinition>) => ({
  id,
  version,
  ...body,
  changedBy,
  changedAt: formatInstant(changedAt),
});

@Controller('v1/processes')
export class CatalogController {
  constructor(private readonly catalog: CatalogService) {}

  @Get()
  @Permission('processes:read')
  @Answers(200, 'Processes by id.', pageOf(ProcessAnswer))
  async list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    const [after] = cursor === undefined ? [''] : byId.decode(cursor);
    const found = await this.catalog.processes(after, limit + 1);
    return paginate(
      found.map((one) => answer(one.id, one)),
      limit,
      byId,
      ({ id }) => [id],
    );
  }

  @Get(':id')
  @Permission('processes:read')
  @Answers(200, 'The process, with the ETag of its version.', ProcessAnswer)
  @Answers(304, 'If-None-Match names the version that the process has now.')
  async get(
    @Param('id', { schema: ProcessId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const found = await this.catalog.process(id);
    void reply.header('etag', etagOf(found.version));
    if (notModified(headers, found.version)) return void reply.status(304);
    return answer(id, found);
  }

  @Get(':id/history')
  @Permission('processes:read')
  @Answers(200, 'Versions of the process, newest first.', pageOf(ProcessAnswer))
  async history(
    @Param('id', { schema: ProcessId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    const [before] = cursor === undefined ? [4_294_967_295] : byVersion.decode(cursor);
    const found = await this.catalog.history(id, before, limit + 1);
    return paginate(
      found.map((one) => answer(id, one)),
      limit,
      byVersion,
      ({ version }) => [version],
    );
  }

  @Put(':id')
  @Permission('processes:write')
  @Answers(200, 'The version that the definition has now.', ProcessAnswer)
  async put(
    @Param('id', { schema: ProcessId }) id: string,
    @Body({ schema: ProcessDefinitionSchema }) definition: ProcessDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const now = microsOf(new Date().toISOString());
    const version = await this.catalog.putProcess(
      id,
      definition,
      readExpectation(headers) ?? 'unstated',
      caller.id,
      now,
    );
    void reply.header('etag', etagOf(version));
    // This version, also when somebody has made the next one meanwhile.
    const [made] = await this.catalog.history(id, version + 1, 1);
    return answer(id, made!);
  }
}
