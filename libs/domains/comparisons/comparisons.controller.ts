import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { formatInstant } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
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
import { ComparisonsService } from './comparisons.service';
import * as schemas from './comparisons.schemas';
import type { ComparisonResult, SideReport } from './core/comparison';
import { type ComparisonStanding, differencesIn } from './core/run';
import { namedDifference } from './core/told';

const byAsking = cursorOf('comparisons', z.tuple([z.int(), z.string()]));
const byTelling = cursorOf('comparison-differences', z.tuple([z.int(), z.int()]));
/** After every comparison: the year 2255. */
const LAST = 9_000_000_000_000_000;
const DAY = 86_400_000_000;

const sideAnswer = ({ kind, stillness, rows, changedWhileRead }: SideReport) => ({
  ...{ kind, stillness, rows, changedWhileRead: changedWhileRead ?? null },
});
const resultAnswer = ({ counts, partial, settled, source, target, how }: ComparisonResult) => ({
  isEqual: differencesIn(counts) === 0 && partial === undefined,
  partial: partial ?? null,
  settled,
  source: sideAnswer(source),
  target: sideAnswer(target),
  how,
});

@Controller('v1/comparisons')
export class ComparisonsController {
  constructor(
    private readonly comparisons: ComparisonsService,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  private answer(one: ComparisonStanding) {
    const { HOLDFAST_COMPARISONS_KEEP_DAYS: days } = this.configuration;
    const { comparison, definition, version, askedBy, askedAt, state, endedAt, counts, spent, result, failure } = one;
    return {
      id: comparison,
      definition: definition === '' ? null : definition,
      definitionVersion: definition === '' ? null : version,
      askedBy: askedBy === '' ? null : askedBy,
      askedAt: formatInstant(askedAt),
      state,
      endedAt: endedAt === undefined ? null : formatInstant(endedAt),
      counts,
      read: spent,
      result: result ? resultAnswer(result) : null,
      failure: failure ?? null,
      differencesKeptUntil: formatInstant(askedAt + days * DAY),
    };
  }

  @Post()
  @HttpCode(202)
  @Permission('comparisons:run')
  @Idempotent()
  @Answers(202, 'The data sets are being compared.', schemas.ComparisonAnswer)
  async start(
    @Body({ schema: schemas.StartComparison }) asked: z.output<typeof schemas.StartComparison>,
    @Caller() caller: Principal,
  ) {
    return this.answer(await this.comparisons.get(await this.comparisons.start(asked, caller.id)));
  }

  @Get()
  @Permission('comparisons:read')
  @Answers(200, 'Comparisons, newest first.', pageOf(schemas.ComparisonAnswer))
  async list(
    @Query({ schema: schemas.ComparisonsQuery })
    { definition = '', cursor, limit }: z.output<typeof schemas.ComparisonsQuery>,
  ) {
    const [beforeAt, beforeId] = cursor === undefined ? [LAST, ''] : byAsking.decode(cursor);
    const rows = await this.comparisons.list(definition, beforeAt, beforeId, limit + 1);
    const { items, next } = paginate(rows, limit, byAsking, (last) => [last.askedAt, last.comparison] as const);
    return { items: items.map((one) => this.answer(one)), ...(next !== undefined && { next }) };
  }

  @Get(':id')
  @Permission('comparisons:read')
  @Answers(200, 'How far the comparison is, or what it came to.', schemas.ComparisonAnswer)
  async get(@Param('id') id: string) {
    return this.answer(await this.comparisons.get(id));
  }

  @Get(':id/differences')
  @Permission('comparisons:inspect')
  @Answers(200, 'What differs, in the order in which it was found.', pageOf(schemas.DifferenceAnswer))
  async differences(
    @Param('id') id: string,
    @Query({ schema: schemas.ListQuery }) { cursor, limit }: z.output<typeof schemas.ListQuery>,
  ) {
    const [segment, ordinal] = cursor === undefined ? [0, 0] : byTelling.decode(cursor);
    const { names, differences } = await this.comparisons.differences(id, { segment, ordinal }, limit + 1);
    const { items, next } = paginate(differences, limit, byTelling, (last) => [last.segment, last.ordinal] as const);
    return { items: items.map((one) => namedDifference(one, names)), ...(next !== undefined && { next }) };
  }

  @Post(':id/stop')
  @HttpCode(202)
  @Permission('comparisons:run')
  @Answers(202, 'It ends with what its last finished segment came to.', schemas.ComparisonAnswer)
  async stop(@Param('id') id: string) {
    return this.answer(await this.comparisons.stop(id));
  }
}
