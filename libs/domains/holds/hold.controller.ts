import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res, StreamableFile } from '@nestjs/common';
import { DomainError, formatInstant } from '@holdfast/kernel';
import {
  Answers,
  Caller,
  cursorOf,
  Idempotent,
  pageOf,
  paginate,
  Permission,
  type Principal,
  readExpectation,
} from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { HoldStep, HoldTerms } from './core/hold';
import { countAnswer, holdAnswer, holdDetailAnswer, reportCsv } from './hold-answers';
import { HoldReportService } from './hold-report.service';
import {
  AnswerSchema,
  CountAnswer,
  HoldAnswer,
  HoldDetailAnswer,
  HoldId,
  ListQuery,
  PlacedAnswer,
  PlaceSchema,
  PreviewAnswer,
  PreviewSchema,
  ReportQuery,
} from './hold.schemas';
import { HoldService, type PlacedHold } from './hold.service';

const byId = cursorOf('holds', z.tuple([z.string()]));
const now = (): number => Date.now() * 1000;
const placedAnswer = ({ met, ...view }: PlacedHold) => ({ ...holdAnswer(view), deletionsMet: met });
/** Which version of the hold the caller saw: nobody approves what they did not see. */
const VersionQuery = z.strictObject({ version: z.coerce.number().int().min(1) });
type Seen = z.output<typeof VersionQuery>;
type Said = z.output<typeof AnswerSchema>;

@Controller('v1/holds')
export class HoldController {
  constructor(
    private readonly holds: HoldService,
    private readonly reports: HoldReportService,
  ) {}

  @Get()
  @Permission('holds:read')
  @Answers(200, 'Holds by id; those that are not over, or all.', pageOf(HoldAnswer))
  async list(@Query({ schema: ListQuery }) { state, cursor, limit }: z.output<typeof ListQuery>) {
    const [after] = cursor === undefined ? [''] : byId.decode(cursor);
    const found = await this.holds.list(state === 'open', after, limit + 1);
    return paginate(found.map(holdAnswer), limit, byId, ({ id }) => [id]);
  }

  @Post()
  @HttpCode(201)
  @Permission('holds:write')
  @Idempotent()
  @Answers(201, 'In force, unless it would hold everything and waits for a second person (`proposed`).', PlacedAnswer)
  async place(
    @Body({ schema: PlaceSchema }) { reason, ...terms }: z.output<typeof PlaceSchema>,
    @Caller() { id }: Principal,
  ) {
    return placedAnswer(await this.holds.place(terms, reason, id, now()));
  }

  @Post('preview')
  @HttpCode(200)
  @Permission('holds:read')
  @Answers(200, 'What the scope fits now, counted. Nothing is stored.', PreviewAnswer)
  async preview(@Body({ schema: PreviewSchema }) { scope }: z.output<typeof PreviewSchema>) {
    const { everything, ...count } = await this.holds.preview(scope);
    return { ...countAnswer(count), everything };
  }

  @Get('report')
  @Permission('holds:read')
  @Answers(200, 'Holds that are not over, with what they hold now.')
  async report(@Query({ schema: ReportQuery }) { format }: z.output<typeof ReportQuery>) {
    const at = now();
    const lines = await this.reports.openHolds();
    if (format === 'json') return { at: formatInstant(at), items: lines };
    return new StreamableFile(Buffer.from(reportCsv(lines)), { type: 'text/csv; charset=utf-8' });
  }

  @Get(':id')
  @Permission('holds:read')
  @Answers(200, 'The hold, its versions and what was sent, with the ETag of its version.', HoldDetailAnswer)
  async get(@Param('id', { schema: HoldId }) id: string, @Res({ passthrough: true }) reply: FastifyReply) {
    const found = await this.holds.hold(id);
    void reply.header('etag', `"${found.version}"`);
    return holdDetailAnswer(found);
  }

  @Get(':id/count')
  @Permission('holds:read')
  @Answers(200, 'What it holds now, counted; what came since it was placed, too.', CountAnswer)
  async count(@Param('id', { schema: HoldId }) id: string) {
    return countAnswer(await this.holds.count(id));
  }

  @Put(':id')
  @Permission('holds:write')
  @Answers(200, 'The next version, in force.', PlacedAnswer)
  async amend(
    @Param('id', { schema: HoldId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Body({ schema: PlaceSchema }) { reason, ...terms }: z.output<typeof PlaceSchema>,
    @Caller() caller: Principal,
  ) {
    const seen = readExpectation(headers);
    if (typeof seen !== 'object')
      throw new DomainError(
        'precondition_required',
        'precondition_required',
        'send If-Match with the version that you changed',
      );
    const said = { terms: terms as HoldTerms, reason };
    return placedAnswer(await this.holds.change(id, 'amend', seen.version, said, caller.id, now()));
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Permission('holds:approve')
  @Answers(200, 'In force: a second person agreed to hold everything.', PlacedAnswer)
  approve(
    @Param('id', { schema: HoldId }) id: string,
    @Query({ schema: VersionQuery }) { version }: Seen,
    @Body({ schema: AnswerSchema }) said: Said,
    @Caller() caller: Principal,
  ) {
    return this.step(id, 'approve', version, said, caller);
  }

  @Post(':id/refuse')
  @HttpCode(200)
  @Permission('holds:approve')
  @Answers(200, 'The hold of everything never was in force.', PlacedAnswer)
  refuse(
    @Param('id', { schema: HoldId }) id: string,
    @Query({ schema: VersionQuery }) { version }: Seen,
    @Body({ schema: AnswerSchema }) said: Said,
    @Caller() caller: Principal,
  ) {
    return this.step(id, 'refuse', version, said, caller);
  }

  @Post(':id/ask-release')
  @HttpCode(200)
  @Permission('holds:write')
  @Answers(200, 'Still in force, until a second person releases it.', PlacedAnswer)
  askRelease(
    @Param('id', { schema: HoldId }) id: string,
    @Query({ schema: VersionQuery }) { version }: Seen,
    @Body({ schema: AnswerSchema }) said: Said,
    @Caller() caller: Principal,
  ) {
    return this.step(id, 'ask_release', version, said, caller);
  }

  @Post(':id/release')
  @HttpCode(200)
  @Permission('holds:approve')
  @Answers(200, 'Released: what it held may be deleted when it is due.', PlacedAnswer)
  release(
    @Param('id', { schema: HoldId }) id: string,
    @Query({ schema: VersionQuery }) { version }: Seen,
    @Body({ schema: AnswerSchema }) said: Said,
    @Caller() caller: Principal,
  ) {
    return this.step(id, 'release', version, said, caller);
  }

  @Post(':id/keep')
  @HttpCode(200)
  @Permission('holds:write')
  @Answers(200, 'It stays in force: nobody asks to release it any more.', PlacedAnswer)
  keep(
    @Param('id', { schema: HoldId }) id: string,
    @Query({ schema: VersionQuery }) { version }: Seen,
    @Body({ schema: AnswerSchema }) said: Said,
    @Caller() caller: Principal,
  ) {
    return this.step(id, 'keep', version, said, caller);
  }

  @Post(':id/custodians/:custodian/acknowledge')
  @HttpCode(200)
  @Permission('holds:acknowledge')
  @Answers(200, 'The custodian knows of the hold.', HoldDetailAnswer)
  async acknowledge(
    @Param('id', { schema: HoldId }) id: string,
    @Param('custodian', { schema: z.string() }) custodian: string,
    @Caller() caller: Principal,
  ) {
    return holdDetailAnswer(await this.holds.acknowledge(id, custodian, 'api', caller.id, now()));
  }

  private async step(id: string, step: HoldStep, version: number, said: Said, caller: Principal) {
    return placedAnswer(await this.holds.change(id, step, version, said, caller.id, now()));
  }
}
