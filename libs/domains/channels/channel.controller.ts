import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import {
  Answers,
  Caller,
  Idempotent,
  pageOf,
  Permission,
  type Principal,
  VersionedDocuments,
} from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { ChannelDocumentsService } from './channel-documents.service';
import { ChannelAnswer, ChannelId, ChannelSchema, ListQuery, TestAnswer, TestSchema } from './channel.schemas';
import { ChannelsService } from './channels.service';
import type { ChannelDefinition } from './core/channel';

@Controller('v1/channels')
export class ChannelController {
  private readonly documents: VersionedDocuments<ChannelDefinition>;

  constructor(
    channels: ChannelDocumentsService,
    private readonly service: ChannelsService,
  ) {
    this.documents = new VersionedDocuments<ChannelDefinition>('channels', {
      list: (after, limit) => channels.list(after, limit),
      get: (id) => channels.channel(id),
      history: (id, before, limit) => channels.history(id, before, limit),
      put: (id, body, expected, by, at) => channels.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('channels:read')
  @Answers(200, 'Channels by id.', pageOf(ChannelAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('channels:read')
  @Answers(200, 'The channel, with the ETag of its version.', ChannelAnswer)
  @Answers(304, 'If-None-Match names the version that the channel has now.')
  get(
    @Param('id', { schema: ChannelId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('channels:read')
  @Answers(200, 'Versions of the channel, newest first.', pageOf(ChannelAnswer))
  history(
    @Param('id', { schema: ChannelId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('channels:write')
  @Answers(200, 'The version that the channel has now.', ChannelAnswer)
  put(
    @Param('id', { schema: ChannelId }) id: string,
    @Body({ schema: ChannelSchema }) channel: ChannelDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, channel, headers, caller, reply);
  }

  @Post(':id/test')
  @HttpCode(200)
  @Permission('channels:test')
  @Idempotent()
  @Answers(200, 'The vendor has taken the message.', TestAnswer)
  async test(
    @Param('id', { schema: ChannelId }) channel: string,
    @Body({ schema: TestSchema }) { to }: z.output<typeof TestSchema>,
    @Caller() caller: Principal,
  ) {
    return { channel, ...(await this.service.test(channel, to, caller.id, Date.now() * 1000)) };
  }
}
