import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import { Answers, Caller, pageOf, Permission, type Principal, VersionedDocuments } from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { ScheduleDefinition } from './core/schedule';
import { ListQuery } from './oncall.schemas';
import { ScheduleAnswer, ScheduleId, ScheduleSchema } from './schedule.schemas';
import { ScheduleService } from './schedule.service';

@Controller('v1/on-call-schedules')
export class ScheduleController {
  private readonly documents: VersionedDocuments<ScheduleDefinition>;

  constructor(schedules: ScheduleService) {
    this.documents = new VersionedDocuments<ScheduleDefinition>('on-call-schedules', {
      list: (after, limit) => schedules.list(after, limit),
      get: (id) => schedules.schedule(id),
      history: (id, before, limit) => schedules.history(id, before, limit),
      put: (id, body, expected, by, at) => schedules.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('on-call:read')
  @Answers(200, 'On-call schedules by id.', pageOf(ScheduleAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('on-call:read')
  @Answers(200, 'The schedule, with the ETag of its version.', ScheduleAnswer)
  @Answers(304, 'If-None-Match names the version that the schedule has now.')
  get(
    @Param('id', { schema: ScheduleId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('on-call:read')
  @Answers(200, 'Versions of the schedule, newest first.', pageOf(ScheduleAnswer))
  history(
    @Param('id', { schema: ScheduleId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('on-call:write')
  @Answers(200, 'The version that the schedule has now.', ScheduleAnswer)
  put(
    @Param('id', { schema: ScheduleId }) id: string,
    @Body({ schema: ScheduleSchema }) schedule: ScheduleDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, schedule, headers, caller, reply);
  }
}
