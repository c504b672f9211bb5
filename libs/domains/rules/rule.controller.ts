import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { Answers, Caller, pageOf, Permission, type Principal, VersionedDocuments } from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { alertIdOf } from './core/firing';
import { namesOf, type RuleDefinition, SECOND } from './core/rule';
import type { SeriesState } from './core/series';
import { RuleAnswer, RuleId, RuleSchema } from './rule.schemas';
import { RuleService } from './rule.service';
import { RuleStateService } from './rule-state.service';
import * as schemas from './rules.schemas';
import { type Backtest, TrialService } from './trial.service';

const now = (): Micros => Date.now() * 1000;
const timeOrNull = (at: Micros | undefined): string | null => (at === undefined ? null : formatInstant(at));
const measuredAnswer = ({ value, expected, fault }: SeriesState) => ({
  ...{ value, expected, fault: fault === '' ? null : fault },
});

/** Alert rules: documents, what they came to, and what they would. */
@Controller('v1/alert-rules')
export class RuleController {
  private readonly documents: VersionedDocuments<RuleDefinition>;

  constructor(
    private readonly rules: RuleService,
    private readonly states: RuleStateService,
    private readonly trials: TrialService,
  ) {
    this.documents = new VersionedDocuments<RuleDefinition>('alert-rules', {
      list: (after, limit) => rules.list(after, limit),
      get: (id) => rules.rule(id),
      history: (id, before, limit) => rules.history(id, before, limit),
      put: (id, body, expected, by, at) => rules.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('alert-rules:read')
  @Answers(200, 'Alert rules by id.', pageOf(RuleAnswer))
  list(@Query({ schema: schemas.ListQuery }) { cursor, limit }: z.output<typeof schemas.ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('alert-rules:read')
  @Answers(200, 'The rule, with the ETag of its version.', RuleAnswer)
  @Answers(304, 'If-None-Match names the version that the rule has now.')
  get(
    @Param('id', { schema: RuleId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('alert-rules:read')
  @Answers(200, 'Versions of the rule, newest first.', pageOf(RuleAnswer))
  history(
    @Param('id', { schema: RuleId }) id: string,
    @Query({ schema: schemas.ListQuery }) { cursor, limit }: z.output<typeof schemas.ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('alert-rules:write')
  @Answers(200, 'The version that the rule has now; the next round evaluates it.', RuleAnswer)
  put(
    @Param('id', { schema: RuleId }) id: string,
    @Body({ schema: RuleSchema }) rule: RuleDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, rule, headers, caller, reply);
  }

  @Get(':id/state')
  @Permission('alert-rules:read')
  @Answers(200, 'What the series of the rule were at in the last round.', schemas.StateAnswer)
  async state(@Param('id', { schema: RuleId }) id: string) {
    const { metric } = (await this.rules.rule(id)).body;
    const { evaluatedAt, late, states } = await this.states.state(id, now());
    return {
      rule: id,
      evaluatedAt: timeOrNull(evaluatedAt),
      lateSeconds: late === undefined ? null : late / SECOND,
      items: states.map(({ rule, series, firing, ...state }) => ({
        series: namesOf(metric, series),
        state: state.state,
        since: formatInstant(state.since),
        ...measuredAnswer({ ...state, firing }),
        alert: firing
          ? {
              id: alertIdOf({ ...firing, rule, series }),
              since: formatInstant(firing.since),
              ...{ cause: firing.cause, severity: firing.severity, begun: formatInstant(firing.begun) },
            }
          : null,
      })),
    };
  }

  @Post('check')
  @HttpCode(200)
  @Permission('alert-rules:read')
  @Answers(200, 'What the rule makes of this moment. Nothing is stored, and nobody is told.', schemas.CheckAnswer)
  async check(@Body({ schema: schemas.CheckSchema }) { rule }: z.output<typeof schemas.CheckSchema>) {
    const { at, states } = await this.trials.check(rule, now());
    return {
      at: formatInstant(at),
      items: [...states].map(([series, state]) => ({
        series: namesOf(rule.metric, series),
        state: state.state,
        ...measuredAnswer(state),
        severity: state.firing?.severity ?? null,
      })),
    };
  }

  @Post('backtest')
  @HttpCode(200)
  @Permission('alert-rules:read')
  @Answers(
    200,
    'What the rule would have fired, and how that agrees with incidents that are known. Nothing is stored, and nobody is told.',
    schemas.BacktestAnswer,
  )
  async backtest(@Body({ schema: schemas.BacktestSchema }) asked: z.output<typeof schemas.BacktestSchema>) {
    return backtestAnswer(asked, await this.trials.backtest(asked, now()));
  }
}

function backtestAnswer(
  { rule, from, to }: z.output<typeof schemas.BacktestSchema>,
  { moments, series, firings, incidents, precision, recall }: Backtest,
) {
  const told = firings.map((one) => ({
    series: namesOf(rule.metric, one.series),
    ...{ cause: one.cause, severity: one.severity, begun: formatInstant(one.begun) },
    from: formatInstant(one.since),
    to: timeOrNull(one.to),
    seconds: ((one.to ?? to) - one.since) / SECOND,
  }));
  return {
    from: formatInstant(from),
    to: formatInstant(to),
    stepSeconds: moments.step / SECOND,
    ...{ instants: moments.count, series, firings: told },
    firingSeconds: told.reduce((sum, { seconds }) => sum + seconds, 0),
    incidents: incidents.map((one) => ({
      name: one.name ?? null,
      ...{ from: formatInstant(one.from), to: formatInstant(one.to), firedAt: timeOrNull(one.firedAt) },
      delaySeconds: one.firedAt === undefined ? null : Math.max(0, one.firedAt - one.from) / SECOND,
    })),
    precision: precision ?? null,
    recall: recall ?? null,
  };
}
