import { Body, Controller, Get, HttpCode, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import {
  Answers,
  Audited,
  Caller,
  cursorOf,
  Idempotent,
  pageOf,
  paginate,
  Permission,
  type Principal,
} from '@holdfast/platform/http';
import { z } from 'zod';
import type { Override } from './core/override';
import type { Span } from './core/timeline';
import { DAY } from './core/wall-time';
import { type OnCall, OnCallService } from './on-call.service';
import * as schemas from './oncall.schemas';
import { OverrideService } from './override.service';
import { ScheduleId } from './schedule.schemas';

const bySchedule = cursorOf('on-call', z.tuple([z.string(), z.int()]));
const byMade = cursorOf('overrides', z.tuple([z.int(), z.string()]));
const SECOND: Micros = 1_000_000;
/** What a calendar has where nothing else is asked for, and what of it is over. */
const [CALENDAR, PAST]: [Micros, Micros] = [150 * DAY, 30 * DAY];
const now = (): Micros => Date.now() * 1000;
const nullIfEmpty = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text);
const timeOrNull = (at: Micros | undefined): string | null => (at === undefined ? null : formatInstant(at));
const spanAnswer = ({ from, to }: Span) => ({ from: formatInstant(from), to: formatInstant(to) });
const inSeconds = (micros: Micros): number => micros / SECOND;

const onCallAnswer = (at: Micros, { schedule, now: held, until, next }: OnCall) => ({
  ...{ schedule, at: formatInstant(at) },
  person: held?.person ?? null,
  until: timeOrNull(until),
  next: next ?? null,
  layer: nullIfEmpty(held?.layer),
  override: nullIfEmpty(held?.override),
});
const overrideAnswer = ({ id, schedule, person, reason, by, at, withdrawn, ...span }: Override) => ({
  ...{ id, schedule, person, ...spanAnswer(span), reason, by, at: formatInstant(at) },
  withdrawn: withdrawn ? { by: withdrawn.by, at: formatInstant(withdrawn.at) } : null,
});

type SpanQuery = z.output<typeof schemas.SpanQuery>;

/** Who is on call, was and will be; who takes over. */
@Controller('v1')
export class OnCallController {
  constructor(
    private readonly onCall: OnCallService,
    private readonly overrides: OverrideService,
  ) {}

  @Get('on-call')
  @Permission('on-call:read')
  @Answers(200, 'Who is on call, by schedule.', pageOf(schemas.OnCallAnswer))
  async who(@Query({ schema: schemas.OnCallQuery }) query: z.output<typeof schemas.OnCallQuery>) {
    const { schedule, cursor, limit } = query;
    const [after, place] = cursor === undefined ? ['', undefined] : bySchedule.decode(cursor);
    const at = query.at ?? place ?? now(); // all pages are of one instant
    if (schedule !== undefined) return { items: [onCallAnswer(at, await this.onCall.one(schedule, at))] };
    const found = await this.onCall.page(after, limit + 1, at);
    const { items, next } = paginate(found, limit, bySchedule, (last) => [last.schedule, at] as const);
    return { items: items.map((one) => onCallAnswer(at, one)), ...(next !== undefined && { next }) };
  }

  @Get('on-call-schedules/:id/shifts')
  @Permission('on-call:read')
  @Answers(200, 'Who has which part of [from, to), joined where somebody goes on.', schemas.Shifts)
  async shifts(
    @Param('id', { schema: ScheduleId }) id: string,
    @Query({ schema: schemas.SpanQuery }) { from, to }: SpanQuery,
  ) {
    const found = await this.onCall.shifts(id, from, to);
    return { items: found.map((one) => ({ ...spanAnswer(one), person: one.person })) };
  }

  @Get('on-call-schedules/:id/gaps')
  @Permission('on-call:read')
  @Answers(200, 'The parts of [from, to) that nobody has.', schemas.Gaps)
  async gaps(
    @Param('id', { schema: ScheduleId }) id: string,
    @Query({ schema: schemas.SpanQuery }) { from, to }: SpanQuery,
  ) {
    return { items: (await this.onCall.gaps(id, from, to)).map(spanAnswer) };
  }

  @Get('on-call-schedules/:id/fairness')
  @Permission('on-call:read')
  @Answers(
    200,
    'How much of [from, to) each person has, by what hours those are where the person lives.',
    schemas.Fairness,
  )
  async fairness(
    @Param('id', { schema: ScheduleId }) id: string,
    @Query({ schema: schemas.SpanQuery }) { from, to }: SpanQuery,
  ) {
    const { shares, gaps } = await this.onCall.fairness(id, from, to);
    return {
      ...spanAnswer({ from, to }),
      items: shares.map(({ person, shifts, total, business, off, sleep, weekend }) => ({
        ...{ person, shifts, total: inSeconds(total) },
        ...{ business: inSeconds(business), off: inSeconds(off) },
        ...{ sleep: inSeconds(sleep), weekend: inSeconds(weekend) },
      })),
      gapSeconds: inSeconds(gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0)),
    };
  }

  @Get('on-call-schedules/:id/calendar.ics')
  @Permission('on-call:read')
  @Audited('export')
  @Answers(200, 'Turns that share time with [from, to), as iCalendar (RFC 5545).', z.string())
  async calendar(
    @Param('id', { schema: ScheduleId }) id: string,
    @Query({ schema: schemas.CalendarQuery }) query: z.output<typeof schemas.CalendarQuery>,
  ) {
    const from = query.from ?? (query.to === undefined ? now() - PAST : query.to - CALENDAR);
    const text = await this.onCall.calendar(id, from, query.to ?? from + CALENDAR);
    return new StreamableFile(Buffer.from(text), {
      type: 'text/calendar; charset=utf-8',
      disposition: `attachment; filename="on-call-${id}.ics"`,
    });
  }

  @Post('on-call-schedules/:id/overrides')
  @HttpCode(201)
  @Permission('on-call:override')
  @Idempotent()
  @Answers(
    201,
    'The person has that part of the schedule; of several overrides the last one made wins.',
    schemas.OverrideAnswer,
  )
  async take(
    @Param('id', { schema: ScheduleId }) id: string,
    @Body({ schema: schemas.OverrideSchema }) taken: z.output<typeof schemas.OverrideSchema>,
    @Caller() caller: Principal,
  ) {
    return overrideAnswer(await this.overrides.take(id, taken, caller.id, now()));
  }

  @Get('on-call-schedules/:id/overrides')
  @Permission('on-call:read')
  @Answers(
    200,
    'Overrides, the last made first; also those that are over or withdrawn.',
    pageOf(schemas.OverrideAnswer),
  )
  async list(
    @Param('id', { schema: ScheduleId }) id: string,
    @Query({ schema: schemas.ListQuery }) { cursor, limit }: z.output<typeof schemas.ListQuery>,
  ) {
    const found = await this.overrides.list(id, cursor === undefined ? undefined : byMade.decode(cursor), limit + 1);
    const { items, next } = paginate(found, limit, byMade, (last) => [last.at, last.id] as const);
    return { items: items.map(overrideAnswer), ...(next !== undefined && { next }) };
  }

  @Post('on-call-schedules/:id/overrides/:override/withdraw')
  @HttpCode(200)
  @Permission('on-call:override')
  @Answers(200, 'It holds no longer. What of it is over stays as it was.', schemas.OverrideAnswer)
  async withdraw(
    @Param('id', { schema: ScheduleId }) id: string,
    @Param('override') override: string,
    @Caller() caller: Principal,
  ) {
    return overrideAnswer(await this.overrides.withdraw(id, override, caller.id, now()));
  }
}
