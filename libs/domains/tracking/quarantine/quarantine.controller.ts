import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import {
  Answers,
  ByIntakeOwner,
  Caller,
  cursorOf,
  Idempotent,
  pageOf,
  paginate,
  Permission,
  type Principal,
} from '@holdfast/platform/http';
import { z } from 'zod';
import {
  QUEUE_START,
  type QuarantineStep,
  type QueuedItem,
  type QueuePosition,
  type RecordedReplay,
} from '../core/quarantine';
import { PatchService } from './patch.service';
import * as schemas from './quarantine.schemas';
import { QuarantineService } from './quarantine.service';

const byAge = cursorOf('quarantine', z.tuple([z.int().min(0).max(7_258_118_400_000_000), z.string()]));
const nullIfEmpty = (text: string): string | null => (text === '' ? null : text);
const ageOf = (at: Micros): number => Math.max(0, Math.floor(Date.now() / 1000 - at / 1_000_000));

/** Where the records are that come behind a cursor. */
function placeOf(cursor: string | undefined): QueuePosition {
  if (cursor === undefined) return QUEUE_START;
  const [afterAt, after] = byAge.decode(cursor);
  return { afterAt, after };
}
const nextOf = (next: QueuePosition | null) => (next ? { next: byAge.encode([next.afterAt, next.after]) } : {});

const itemAnswer = ({ item, state, code, field, source, process, type, key, version, ...rest }: QueuedItem) => ({
  ...{ item, state, code, field },
  source: nullIfEmpty(source),
  process: nullIfEmpty(process),
  type: nullIfEmpty(type),
  key: nullIfEmpty(key),
  owner: nullIfEmpty(rest.owner),
  assignee: nullIfEmpty(rest.assignee),
  receivedAt: formatInstant(rest.receivedAt),
  ageSeconds: ageOf(rest.receivedAt),
  became: nullIfEmpty(rest.became),
  version,
});

const stepAnswer = ({ doneAt, step, doneBy, assignee, outcome, code, field, reason, replay }: QuarantineStep) => ({
  at: formatInstant(doneAt),
  step,
  by: doneBy,
  assignee: nullIfEmpty(assignee),
  outcome: nullIfEmpty(outcome),
  problem: code === '' ? null : { code, field },
  reason: nullIfEmpty(reason),
  replay: nullIfEmpty(replay),
});

const replayAnswer = (id: string, { state, askedBy, askedAt, released, stillBad, gone }: RecordedReplay) => ({
  ...{ id, state, askedBy, released, stillBad, gone },
  askedAt: formatInstant(askedAt),
});

/** All by the process that takes records in: changes of the quarantine take turns there. */
@Controller('v1/quarantine')
export class QuarantineController {
  constructor(
    private readonly quarantine: QuarantineService,
    private readonly patches: PatchService,
  ) {}

  @Get()
  @Permission('quarantine:read')
  @ByIntakeOwner()
  @Answers(200, 'Records in quarantine, oldest first.', pageOf(schemas.ItemAnswer))
  list(@Query({ schema: schemas.QueueQuery }) query: z.output<typeof schemas.QueueQuery>) {
    return this.page(query);
  }

  @Post('search')
  @HttpCode(200)
  @Permission('quarantine:read')
  @ByIntakeOwner()
  @Answers(200, 'Records in quarantine, oldest first; also by text that they hold.', pageOf(schemas.ItemAnswer))
  search(@Body({ schema: schemas.SearchRequest }) request: z.output<typeof schemas.SearchRequest>) {
    return this.page(request);
  }

  private async page({ cursor, limit, ...filter }: z.output<typeof schemas.SearchRequest>) {
    const found = await this.quarantine.items(filter, placeOf(cursor), limit + 1);
    const { items, next } = paginate(found, limit, byAge, ({ receivedAt, item }) => [receivedAt, item] as const);
    return { items: items.map(itemAnswer), ...(next !== undefined && { next }) };
  }

  @Get('queues')
  @Permission('quarantine:read')
  @ByIntakeOwner()
  @Answers(200, 'What waits, by owner and reason, and since when.', schemas.QueuesAnswer)
  async queues(@Query({ schema: schemas.QueuesQuery }) of: z.output<typeof schemas.QueuesQuery>) {
    const queues = await this.quarantine.waiting(of);
    return {
      queues: queues.map(({ owner, code, items, oldest }) => ({
        ...{ owner: nullIfEmpty(owner), code, items },
        oldest: formatInstant(oldest),
        oldestAgeSeconds: ageOf(oldest),
      })),
    };
  }

  @Post('patches')
  @HttpCode(200)
  @Permission('quarantine:write')
  @ByIntakeOwner()
  @Answers(200, 'What the patch makes of the records; those that it mends can be replayed.', schemas.PatchedAnswer)
  async patch(
    @Body({ schema: schemas.PatchRequest }) request: z.output<typeof schemas.PatchRequest>,
    @Caller() caller: Principal,
  ) {
    const { cursor, versions = {}, ...order } = request;
    const { next, ...done } = await this.patches.patch({ ...order, versions, from: placeOf(cursor) }, caller.id);
    return { dryRun: order.dryRun, ...done, ...nextOf(next) };
  }

  @Post('assignments')
  @HttpCode(200)
  @Permission('quarantine:write')
  @ByIntakeOwner()
  @Answers(200, 'How many records were assigned.', schemas.CountAnswer)
  async assign(
    @Body({ schema: schemas.AssignRequest }) { select, cursor, assignee }: z.output<typeof schemas.AssignRequest>,
    @Caller() caller: Principal,
  ) {
    const { items, next } = await this.quarantine.assign({ select, from: placeOf(cursor) }, assignee, caller.id);
    return { items, ...nextOf(next) };
  }

  @Post('discards')
  @HttpCode(200)
  @Permission('quarantine:write')
  @ByIntakeOwner()
  @Answers(200, 'How many records were given up: they count as rejected from now on.', schemas.CountAnswer)
  async discard(
    @Body({ schema: schemas.DiscardRequest }) { select, cursor, reason }: z.output<typeof schemas.DiscardRequest>,
    @Caller() caller: Principal,
  ) {
    const { items, next } = await this.quarantine.discard({ select, from: placeOf(cursor) }, reason, caller.id);
    return { items, ...nextOf(next) };
  }

  @Post('replays')
  @HttpCode(202)
  @Permission('quarantine:write')
  @ByIntakeOwner()
  @Idempotent()
  @Answers(202, 'The replay has begun.', schemas.ReplayAnswer)
  async startReplay(
    @Body({ schema: schemas.ReplayRequest }) { select }: z.output<typeof schemas.ReplayRequest>,
    @Caller() caller: Principal,
  ) {
    const id = await this.quarantine.startReplay(select, caller.id);
    return replayAnswer(id, await this.quarantine.replay(id));
  }

  @Get('replays/:id')
  @Permission('quarantine:read')
  @ByIntakeOwner()
  @Answers(200, 'How far the replay is.', schemas.ReplayAnswer)
  async replay(@Param('id') id: string) {
    return replayAnswer(id, await this.quarantine.replay(id));
  }

  @Post('replays/:id/stop')
  @HttpCode(202)
  @Permission('quarantine:write')
  @ByIntakeOwner()
  @Answers(202, 'The replay ends after the page that is under way.', schemas.ReplayAnswer)
  async stop(@Param('id') id: string) {
    return replayAnswer(id, await this.quarantine.stopReplay(id));
  }

  @Get(':item')
  @Permission('quarantine:read')
  @ByIntakeOwner()
  @Answers(200, 'The record: its form, what stands against it now, and what was done with it.', schemas.ItemDetails)
  async get(@Param('item', { schema: schemas.ItemId }) id: string) {
    const { item, steps, preview, problem } = await this.quarantine.story(id);
    return { ...itemAnswer(item), preview, problem: problem ?? null, steps: steps.map(stepAnswer) };
  }
}
