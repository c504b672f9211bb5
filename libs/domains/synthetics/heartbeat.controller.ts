import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { formatInstant } from '@holdfast/kernel';
import {
  Answers,
  Caller,
  NotAudited,
  pageOf,
  Permission,
  type Principal,
  VersionedDocuments,
} from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { HeartbeatDefinition } from './core/heartbeat';
import { BeatAnswer, HeartbeatAnswer, HeartbeatSchema, HeartbeatStatusAnswer } from './heartbeat.schemas';
import { HeartbeatService } from './heartbeat.service';
import { HeartbeatId, ListQuery } from './synthetic.schemas';

@Controller('v1/heartbeats')
export class HeartbeatController {
  private readonly documents: VersionedDocuments<HeartbeatDefinition>;

  constructor(private readonly heartbeats: HeartbeatService) {
    this.documents = new VersionedDocuments<HeartbeatDefinition>('heartbeats', {
      list: (after, limit) => heartbeats.list(after, limit),
      get: (id) => heartbeats.heartbeat(id),
      history: (id, before, limit) => heartbeats.history(id, before, limit),
      put: (id, body, expected, by, at) => heartbeats.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('synthetics:read')
  @Answers(200, 'Heartbeats by id.', pageOf(HeartbeatAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('synthetics:read')
  @Answers(200, 'The heartbeat, with the ETag of its version.', HeartbeatAnswer)
  @Answers(304, 'If-None-Match names the version that it has now.')
  get(
    @Param('id', { schema: HeartbeatId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('synthetics:read')
  @Answers(200, 'Versions of the heartbeat, newest first.', pageOf(HeartbeatAnswer))
  history(
    @Param('id', { schema: HeartbeatId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('synthetics:write')
  @Answers(200, 'The version that the heartbeat has now.', HeartbeatAnswer)
  put(
    @Param('id', { schema: HeartbeatId }) id: string,
    @Body({ schema: HeartbeatSchema }) body: HeartbeatDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, body, headers, caller, reply);
  }

  @Post(':id/beat')
  @HttpCode(200)
  @Permission('heartbeats:beat')
  @NotAudited('a system says every few seconds that it lives; beats are counted')
  @Answers(200, 'It lives. The beat is durable; an alert about its silence ends with the next round.', BeatAnswer)
  async beat(@Param('id', { schema: HeartbeatId }) id: string) {
    const at = Date.now() * 1000;
    await this.heartbeats.beat(id, at);
    return { id, receivedAt: formatInstant(at) };
  }

  @Get(':id/status')
  @Permission('synthetics:read')
  @Answers(200, 'Whether it beats.', HeartbeatStatusAnswer)
  async status(@Param('id', { schema: HeartbeatId }) id: string) {
    const { state, beats, watch } = await this.heartbeats.status(id);
    return {
      ...{ id, state, beats: beats?.beats ?? 0 },
      lastBeatAt: beats ? formatInstant(beats.lastAt) : null,
      silentSince: state === 'silent' && watch ? formatInstant(watch.since) : null,
      alert: watch && watch.alert !== '' ? watch.alert : null,
    };
  }
}
