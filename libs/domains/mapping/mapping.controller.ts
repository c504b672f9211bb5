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
import type { MappingDefinition } from './core/mapping';
import { MappingAnswer, MappingSchema, MappingId } from './mapping.schemas';
import { MappingService } from './mapping.service';

const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });
const byId = cursorOf('mappings', z.tuple([z.string()]));
const byVersion = cursorOf('mapping-history', z.tuple([z.int()]));
/** Above every version. */
const NEWEST = 4_294_967_295;

const answer = (id: string, { body, version, changedBy, changedAt }: Version<MappingDefinition>) => ({
  id,
  version,
  ...body,
  changedBy,
  changedAt: formatInstant(changedAt),
});

@Controller('v1/mappings')
export class MappingController {
  constructor(private readonly mappings: MappingService) {}

  @Get()
  @Permission('mappings:read')
  @Answers(200, 'Mappings by id.', pageOf(MappingAnswer))
  async list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    const [after] = cursor === undefined ? [''] : byId.decode(cursor);
    const found = await this.mappings.mappings(after, limit + 1);
    return paginate(
      found.map((one) => answer(one.id, one)),
      limit,
      byId,
      ({ id }) => [id],
    );
  }

  @Get(':id')
  @Permission('mappings:read')
  @Answers(200, 'The mapping, with the ETag of its version.', MappingAnswer)
  @Answers(304, 'If-None-Match names the version that the mapping has now.')
  async get(
    @Param('id', { schema: MappingId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const found = await this.mappings.mapping(id);
    void reply.header('etag', etagOf(found.version));
    if (notModified(headers, found.version)) return void reply.status(304);
    return answer(id, found);
  }

  @Get(':id/history')
  @Permission('mappings:read')
  @Answers(200, 'Versions of the mapping, newest first.', pageOf(MappingAnswer))
  async history(
    @Param('id', { schema: MappingId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    const [before] = cursor === undefined ? [NEWEST] : byVersion.decode(cursor);
    const found = await this.mappings.history(id, before, limit + 1);
    return paginate(
      found.map((one) => answer(id, one)),
      limit,
      byVersion,
      ({ version }) => [version],
    );
  }

  @Put(':id')
  @Permission('mappings:write')
  @Answers(
    200,
    'The version that the mapping has now. Alerts raised before follow the version that they were raised with.',
    MappingAnswer,
  )
  async put(
    @Param('id', { schema: MappingId }) id: string,
    @Body({ schema: MappingSchema }) mapping: MappingDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const now = microsOf(new Date().toISOString());
    const version = await this.mappings.put(id, mapping, readExpectation(headers) ?? 'unstated', caller.id, now);
    void reply.header('etag', etagOf(version));
    // This version, also when somebody has made the next one meanwhile.
    const [made] = await this.mappings.history(id, version + 1, 1);
    return answer(id, made!);
  }
}
