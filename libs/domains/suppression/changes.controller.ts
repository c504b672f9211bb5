import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { Answers, Caller, cursorOf, pageOf, paginate, Permission, type Principal } from '@holdfast/platform/http';
import { z } from 'zod';
import { ChangeAnswer, ChangeId, ChangeQuery, ChangeSchema } from './changes.schemas';
import { ChangesService } from './changes.service';
import { type Change, KIND_LABEL } from './core/change';

const byTime = cursorOf('changes', z.tuple([z.int(), z.int(), z.int(), z.string()]));
const DAY: Micros = 86_400_000_000;
const now = (): Micros => Date.now() * 1000;

const answerOf = ({ labels: { [KIND_LABEL]: _kind, ...labels }, reports, startedAt, endedAt, ...change }: Change) => ({
  ...{ id: change.id, kind: change.kind, state: change.state, labels },
  ...{ title: change.title, link: change.link, by: change.by },
  startedAt: formatInstant(startedAt),
  endedAt: endedAt === undefined ? null : formatInstant(endedAt),
  reports: reports.map(({ at, reportedAt, ...one }) => ({
    ...{ ...one, at: formatInstant(at), reportedAt: formatInstant(reportedAt) },
  })),
});

/** Changes of systems: deployments and the like. */
@Controller('v1/changes')
export class ChangesController {
  constructor(private readonly changes: ChangesService) {}

  @Post()
  @HttpCode(200)
  @Permission('changes:write')
  @Answers(200, 'The change as it is now. A state that was told before stays as it was told first.', ChangeAnswer)
  async tell(@Body({ schema: ChangeSchema }) told: z.output<typeof ChangeSchema>, @Caller() caller: Principal) {
    return answerOf(await this.changes.tell(told, caller.id, now()));
  }

  @Get()
  @Permission('changes:read')
  @Answers(200, 'Changes of which something was told for [from, to), newest first.', pageOf(ChangeAnswer))
  async list(@Query({ schema: ChangeQuery }) query: z.output<typeof ChangeQuery>) {
    const { kind, match, cursor, limit } = query;
    // All pages are of one span, also where its end is now.
    const [from, to, ...place] = cursor === undefined ? spanOf(query) : byTime.decode(cursor);
    const filter = {
      ...{ from, to, kind },
      has: match.filter(({ op }) => op === '='),
      hasNot: match.filter(({ op }) => op === '!='),
    };
    const [at, id] = place;
    const behind = at === undefined || id === undefined ? undefined : ([at, id] as const);
    const found = await this.changes.list(filter, behind, limit + 1);
    const { items, next } = paginate(found, limit, byTime, (last) => [from, to, last.place, last.id] as const);
    return { items: items.map(answerOf), ...(next !== undefined && { next }) };
  }

  @Get(':id')
  @Permission('changes:read')
  @Answers(200, 'The change.', ChangeAnswer)
  async get(@Param('id', { schema: ChangeId }) id: string) {
    return answerOf(await this.changes.change(id));
  }
}

/** A clock that is ahead may have told what is not yet. */
function spanOf({
  from,
  to = now() + DAY / 24,
}: {
  readonly from?: Micros | undefined;
  readonly to?: Micros | undefined;
}): [Micros, Micros] {
  return [from ?? to - DAY, to];
}
