import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
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
import type { RecordedBackfill } from '../core/backfill';
import { BackfillService } from './backfill.service';
import * as schemas from './backfill.schemas';

const byAsking = cursorOf('backfills', z.tuple([z.int(), z.string()]));
/** After every back-fill: the year 2255. */
const LAST = 9_000_000_000_000_000;

const backfillAnswer = ({ backfill, from, to, askedAt, updatedAt, by, ...rest }: RecordedBackfill) => ({
  id: backfill,
  from: formatInstant(from),
  to: formatInstant(to),
  askedBy: by,
  askedAt: formatInstant(askedAt),
  updatedAt: formatInstant(updatedAt),
  ...rest,
});

@Controller('v1/backfills')
export class BackfillController {
  constructor(private readonly backfills: BackfillService) {}

  @Post()
  @HttpCode(202)
  @Permission('reconciliations:write')
  @Idempotent()
  @Answers(202, 'Windows of the past are being opened and judged.', schemas.BackfillAnswer)
  async start(
    @Body({ schema: schemas.BackfillSchema }) asked: z.output<typeof schemas.BackfillSchema>,
    @Caller() caller: Principal,
  ) {
    return backfillAnswer(await this.backfills.get(await this.backfills.start({ ...asked, by: caller.id })));
  }

  @Get()
  @Permission('reconciliations:read')
  @Answers(200, 'Back-fills, newest first.', pageOf(schemas.BackfillAnswer))
  async list(@Query({ schema: schemas.ListQuery }) { process, cursor, limit }: z.output<typeof schemas.ListQuery>) {
    const [beforeAt, beforeId] = cursor === undefined ? [LAST, ''] : byAsking.decode(cursor);
    const rows = await this.backfills.list(process ?? '', beforeAt, beforeId, limit + 1);
    const { items, next } = paginate(rows, limit, byAsking, (last) => [last.askedAt, last.backfill] as const);
    return { items: items.map(backfillAnswer), ...(next !== undefined && { next }) };
  }

  @Get(':id')
  @Permission('reconciliations:read')
  @Answers(200, 'How far the back-fill is.', schemas.BackfillAnswer)
  async get(@Param('id') id: string) {
    return backfillAnswer(await this.backfills.get(id));
  }

  @Post(':id/stop')
  @HttpCode(202)
  @Permission('reconciliations:write')
  @Answers(202, 'No further window is opened; those that are open go on.', schemas.BackfillAnswer)
  async stop(@Param('id') id: string) {
    return backfillAnswer(await this.backfills.stop(id));
  }
}
