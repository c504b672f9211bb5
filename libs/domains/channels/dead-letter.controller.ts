import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { formatInstant } from '@holdfast/kernel';
import {
  Answers,
  Caller,
  cursorOf,
  Idempotent,
  pageOf,
  paginate,
  Permission,
  type Principal,
} from '@holdfast/platform/http';
import { z } from 'zod';
import { DeadLetterAnswer, DeadLetterQuery } from './channel.schemas';
import { ChannelsService } from './channels.service';
import type { DeadLetter } from './core/dead-letter';

const byGivenUp = cursorOf('dead-letters', z.tuple([z.int(), z.string()]));
const DeadLetterId = z.string().min(1).max(100);

const answerOf = ({ id, destination, notification, code, givenUpAt, tries, replayed }: DeadLetter) => ({
  ...{ id, channel: destination.channel, to: destination.to ?? null },
  ...{ alertId: notification.alertId, key: notification.key },
  ...{ severity: notification.severity, title: notification.title },
  ...{ code, givenUpAt: formatInstant(givenUpAt), tries },
  replayed: replayed ? { by: replayed.by, at: formatInstant(replayed.at) } : null,
});

/** What nobody got. */
@Controller('v1/dead-letters')
export class DeadLetterController {
  constructor(private readonly channels: ChannelsService) {}

  @Get()
  @Permission('channels:read')
  @Answers(200, 'Dead letters, the last given up first.', pageOf(DeadLetterAnswer))
  async list(@Query({ schema: DeadLetterQuery }) query: z.output<typeof DeadLetterQuery>) {
    const { channel, state, cursor, limit } = query;
    const before = cursor === undefined ? undefined : byGivenUp.decode(cursor);
    const filter = { channel, waiting: state === 'waiting' };
    const found = await this.channels.listDeadLetters(filter, before, limit + 1);
    const { items, next } = paginate(found, limit, byGivenUp, ({ givenUpAt, id }) => [givenUpAt, id] as const);
    return { items: items.map(answerOf), ...(next !== undefined && { next }) };
  }

  @Post(':id/replay')
  @HttpCode(200)
  @Permission('channels:test')
  @Idempotent()
  @Answers(200, 'Delivered.', DeadLetterAnswer)
  async replay(@Param('id', { schema: DeadLetterId }) id: string, @Caller() caller: Principal) {
    return answerOf(await this.channels.replay(id, caller.id, Date.now() * 1000));
  }
}
