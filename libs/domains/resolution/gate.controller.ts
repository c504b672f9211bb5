import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { formatInstant } from '@holdfast/kernel';
import {
  Answers,
  Caller,
  cursorOf,
  Idempotent,
  NotAudited,
  pageLimit,
  pageOf,
  paginate,
  Permission,
  type Principal,
  Public,
  VersionedDocuments,
} from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { GateDefinition } from './core/gate';
import * as schemas from './gate.schemas';
import { GateService, type GateState } from './gate.service';
import { DocumentId } from './rule.schemas';
import { StatementService, type StatementView } from './statement.service';

const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });
const byWindow = cursorOf('statement-windows', z.tuple([z.string()]));

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
  private readonly documents: VersionedDocuments<GateDefinition>;

  constructor(
    private readonly gates: GateService,
    private readonly statements: StatementService,
  ) {
    this.documents = new VersionedDocuments<GateDefinition>('reporting-gates', {
      list: (after, limit) => gates.list(after, limit),
      get: (id) => gates.gate(id),
      history: (id, before, limit) => gates.history(id, before, limit),
      put: (id, body, expected, by, at) => gates.put(id, body, expected, by, at),
    });
  }

  @Get('definitions')
  @Permission('resolution:read')
  @Answers(200, 'Reporting gates by id.', pageOf(schemas.GateAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get('definitions/:id')
  @Permission('resolution:read')
  @Answers(200, 'The gate, with the ETag of its version.', schemas.GateAnswer)
  @Answers(304, 'If-None-Match names the version that the gate has now.')
  get(
    @Param('id', { schema: DocumentId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get('definitions/:id/history')
  @Permission('resolution:read')
  @Answers(200, 'Versions of the gate, newest first.', pageOf(schemas.GateAnswer))
  history(
    @Param('id', { schema: DocumentId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put('definitions/:id')
  @Permission('resolution:write')
  @Answers(200, 'The version that the gate has now.', schemas.GateAnswer)
  put(
    @Param('id', { schema: DocumentId }) id: string,
    @Body({ schema: schemas.GateSchema }) gate: GateDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, gate, headers, caller, reply);
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
  @NotAudited('public keys: anybody may have them, and strangers write nothing into the log')
  @Answers(200, 'Public keys of statements, as a JSON Web Key Set.', schemas.KeysAnswer)
  keys() {
    return { keys: this.statements.publicKeys() };
  }
}
