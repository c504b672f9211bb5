import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import type { Version } from '@holdfast/domains/register/core/document';
import { formatInstant, microsOf } from '@holdfast/kernel';
import {
  Answers,
  Caller,
  cursorOf,
  etagOf,
  Idempotent,
  notModified,
  pageLimit,
  pageOf,
  paginate,
  Permission,
  Public,
  readExpectation,
  type Principal,
} from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { GateDefinition } from './core/gate';
import * as schemas from './gate.schemas';
import { GateService, type GateState } from './gate.service';
import { DocumentId } from './rule.schemas';
import { StatementService, type StatementView } from './statement.service';

const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });
const byId = cursorOf('reporting-gates', z.tuple([z.string()]));
const byVersion = cursorOf('reporting-gate-history', z.tuple([z.int()]));
const byWindow = cursorOf('statement-windows', z.tuple([z.string()]));
/** Above every version. */
const NEWEST = 4_294_967_295;

const answer = (id: string, { body, version, changedBy, changedAt }: Version<GateDefinition>) => ({
  id,
  version,
  ...body,
  changedBy,
  changedAt: formatInstant(changedAt),
});
const stateAnswer = ({ from, to, against, ...rest }: GateState) => ({
  ...rest,
  from: formatInstant(from),
  to: formatInstant(to),
  against: against.map(({ unjudged, ...one }) => ({
    ...one,
    unjudged: {
      ...unjudged,
      first: unjudged.first.map((span) => ({ from: formatInstant(span.from), to: formatInstant(span.to) })),
    },
  })),
});
const statementAnswer = ({ statement, issuedAt, supersededBy, ...rest }: StatementView) => ({
  id: statement,
  ...rest,
  issuedAt: formatInstant(issuedAt),
  state: supersededBy ? ('superseded' as const) : ('valid' as const),
  supersededBy,
});

@Controller('v1/reporting-gates')
export class GateController {
  constructor(
    private readonly gates: GateService,
    private readonly statements: StatementService,
  ) {}

  @Get('definitions')
  @Permission('resolution:read')
  @Answers(200, 'Reporting gates by id.', pageOf(schemas.GateAnswer))
  async list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    const [after] = cursor === undefined ? [''] : byId.decode(cursor);
    const found = await this.gates.list(after, limit + 1);
    return paginate(
      found.map((one) => answer(one.id, one)),
      limit,
      byId,
      ({ id }) => [id],
    );
  }

  @Get('definitions/:id')
  @Permission('resolution:read')
  @Answers(200, 'The gate, with the ETag of its version.', schemas.GateAnswer)
  @Answers(304, 'If-None-Match names the version that the gate has now.')
  async get(
    @Param('id', { schema: DocumentId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const found = await this.gates.gate(id);
    void reply.header('etag', etagOf(found.version));
    if (notModified(headers, found.version)) return void reply.status(304);
    return answer(id, found);
  }

  @Get('definitions/:id/history')
  @Permission('resolution:read')
  @Answers(200, 'Versions of the gate, newest first.', pageOf(schemas.GateAnswer))
  async history(
    @Param('id', { schema: DocumentId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    const [before] = cursor === undefined ? [NEWEST] : byVersion.decode(cursor);
    const found = await this.gates.history(id, before, limit + 1);
    return paginate(
      found.map((one) => answer(id, one)),
      limit,
      byVersion,
      ({ version }) => [version],
    );
  }

  @Put('definitions/:id')
  @Permission('resolution:write')
  @Answers(200, 'The version that the gate has now.', schemas.GateAnswer)
  async put(
    @Param('id', { schema: DocumentId }) id: string,
    @Body({ schema: schemas.GateSchema }) gate: GateDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const now = microsOf(new Date().toISOString());
    const version = await this.gates.put(id, gate, readExpectation(headers) ?? 'unstated', caller.id, now);
    void reply.header('etag', etagOf(version));
    // This version, also when somebody has made the next one meanwhile.
    const [made] = await this.gates.history(id, version + 1, 1);
    return answer(id, made!);
  }

  @Get(':period')
  @Permission('reconciliations:read')
  @Answers(200, 'Whether the period may be reported, and what stands against it.', schemas.PeriodAnswer)
  async period(
    @Param('period') period: string,
    @Query({ schema: schemas.PeriodQuery }) { gate }: z.output<typeof schemas.PeriodQuery>,
  ) {
    const gates = await this.gates.ofPeriod(period, gate);
    return { period, open: gates.every(({ open }) => open), gates: gates.map(stateAnswer) };
  }

  @Post(':period/statements')
  @HttpCode(201)
  @Permission('statements:issue')
  @Idempotent()
  @Answers(
    201,
    'A signed statement that the period may be reported; refused while the gate is closed.',
    schemas.StatementAnswer,
  )
  async issue(
    @Param('period') period: string,
    @Body({ schema: schemas.StatementSchema }) { gate }: z.output<typeof schemas.StatementSchema>,
    @Caller() caller: Principal,
  ) {
    return statementAnswer(await this.statements.issue(period, gate, caller.id, Date.now() * 1000));
  }

  @Get(':period/statements')
  @Permission('reconciliations:read')
  @Answers(200, 'Statements about the period, newest first.', z.object({ items: z.array(schemas.StatementAnswer) }))
  async ofPeriod(
    @Param('period') period: string,
    @Query({ schema: schemas.PeriodQuery }) { gate }: z.output<typeof schemas.PeriodQuery>,
  ) {
    return { items: (await this.statements.list(period, gate ?? '')).map(statementAnswer) };
  }
}

@Controller('v1')
export class StatementController {
  constructor(private readonly statements: StatementService) {}

  @Get('statements/:id')
  @Permission('reconciliations:read')
  @Answers(200, 'The statement, and whether it still holds.', schemas.StatementAnswer)
  async get(@Param('id') id: string) {
    return statementAnswer(await this.statements.statement(id));
  }

  @Get('statements/:id/windows')
  @Permission('reconciliations:read')
  @Answers(200, 'The revisions that the statement stands on, by window.', pageOf(schemas.StatedWindow))
  async windows(@Param('id') id: string, @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    const [after] = cursor === undefined ? [''] : byWindow.decode(cursor);
    const found = await this.statements.windows(id, after, limit + 1);
    return paginate(found, limit, byWindow, ({ reconciliation }) => [reconciliation]);
  }

  @Get('statement-keys')
  @Public('public keys, the same for everybody: outsiders verify statements with them')
  @Answers(200, 'Public keys of statements, as a JSON Web Key Set.', schemas.KeysAnswer)
  keys() {
    return { keys: this.statements.publicKeys() };
  }
}
