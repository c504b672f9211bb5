import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { formatInstant } from '@holdfast/kernel';
import { Answers, Caller, pageOf, Permission, type Principal, VersionedDocuments } from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { WindowDefinition } from './core/window';
import * as schemas from './suppression.schemas';
import { type ActiveWindow, type Occurrence, SuppressionService } from './suppression.service';
import { WindowService } from './window.service';

const { ListQuery, SuppressionId, WindowAnswer } = schemas;
/** Occurrences that one answer lists. */
const MOST_LISTED = 1_000;

const occurrenceAnswer = ({ from, to, change }: Occurrence) => ({
  ...{ from: formatInstant(from), to: formatInstant(to), change: change === '' ? null : change },
});
const activeAnswer = ({ id, window: { version, body }, from, to, change, isOpenEnded }: ActiveWindow) => ({
  ...{ id, version, reason: body.reason, owner: body.owner, kind: body.when.kind, since: formatInstant(from) },
  ...{ until: isOpenEnded ? null : formatInstant(to), latest: formatInstant(to) },
  change: change === '' ? null : change,
});

@Controller('v1/suppression-windows')
export class WindowController {
  private readonly documents: VersionedDocuments<WindowDefinition>;

  constructor(
    private readonly windows: WindowService,
    private readonly suppression: SuppressionService,
  ) {
    this.documents = new VersionedDocuments<WindowDefinition>('suppression-windows', {
      list: (after, limit) => windows.list(after, limit),
      get: (id) => windows.window(id),
      history: (id, before, limit) => windows.history(id, before, limit),
      put: (id, body, expected, by, at) => windows.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('suppressions:read')
  @Answers(200, 'Suppression windows by id.', pageOf(WindowAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get('active')
  @Permission('suppressions:read')
  @Answers(200, 'What mutes at an instant, by the windows as they are now.', schemas.ActiveAnswer)
  async active(@Query({ schema: schemas.ActiveQuery }) query: z.output<typeof schemas.ActiveQuery>) {
    const at = query.at ?? Date.now() * 1000;
    return { at: formatInstant(at), items: (await this.suppression.active(at)).map(activeAnswer) };
  }

  @Post('preview')
  @HttpCode(200)
  @Permission('suppressions:read')
  @Answers(200, 'When a window mutes, or would, within [from, to). Nothing is stored.', schemas.PreviewAnswer)
  async preview(@Body({ schema: schemas.PreviewSchema }) asked: z.output<typeof schemas.PreviewSchema>) {
    const { id, definition, from, to } = asked;
    if (definition) await this.windows.check(definition, 'definition.');
    const window = definition ?? (await this.windows.window(id!)).body;
    const found = await this.suppression.occurrences(window, from, to);
    const occurrences = found.slice(0, MOST_LISTED).map(occurrenceAnswer);
    return { occurrences, complete: occurrences.length === found.length };
  }

  @Get(':id')
  @Permission('suppressions:read')
  @Answers(200, 'The window, with the ETag of its version.', WindowAnswer)
  @Answers(304, 'If-None-Match names the version that the window has now.')
  get(
    @Param('id', { schema: SuppressionId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('suppressions:read')
  @Answers(200, 'Versions of the window, newest first.', pageOf(WindowAnswer))
  history(
    @Param('id', { schema: SuppressionId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('suppressions:write')
  @Answers(200, 'The version that the window has now.', WindowAnswer)
  put(
    @Param('id', { schema: schemas.WindowId }) id: string,
    @Body({ schema: schemas.WindowSchema }) window: WindowDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, window, headers, caller, reply);
  }

  @Post(':id/end')
  @HttpCode(200)
  @Permission('suppressions:write')
  @Answers(200, 'The window, which is over from now on.', WindowAnswer)
  async end(
    @Param('id', { schema: SuppressionId }) id: string,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    await this.windows.end(id, caller.id, Date.now() * 1000);
    return this.documents.get(id, {}, reply);
  }
}
