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
import * as schemas from './decision.schemas';
import { DecisionService, type DecisionView } from './decision.service';

const byTime = cursorOf('decisions', z.tuple([z.int(), z.string()]));
const ofWindow = cursorOf('window-decisions', z.tuple([z.int(), z.string()]));
const NEWEST: readonly [number, string] = [9_000_000_000_000_000, ''];
const now = (): number => Date.now() * 1000;
const nullIfEmpty = (text: string): string | null => (text === '' ? null : text);
const timeOrNull = (at: number): string | null => (at === 0 ? null : formatInstant(at));

function view({ decision, action, state, reason, by, at, expiresAt, selection, steps }: DecisionView) {
  const { process, reconciliation, from, to, keyPrefix, ...lists } = selection;
  const sumOf = (step: string) => {
    const found = steps.find((one) => one.step === step);
    return found ? { windows: found.windows, discrepancies: found.discrepancies } : null;
  };
  return {
    id: decision,
    action,
    state,
    reason,
    by,
    at: formatInstant(at),
    expiresAt: timeOrNull(expiresAt),
    approveBy: timeOrNull(steps.find(({ step }) => step === 'proposed')?.deadline ?? 0),
    select: {
      process,
      ...(reconciliation === '' ? { from: formatInstant(from), to: formatInstant(to) } : { reconciliation }),
      ...Object.fromEntries(Object.entries(lists).filter(([, values]) => values.length > 0)),
      ...(keyPrefix !== '' && { keyPrefix }),
    },
    found: sumOf('proposed'),
    decided: sumOf('applied'),
    steps: steps.map((one) => ({
      step: one.step,
      at: formatInstant(one.at),
      by: nullIfEmpty(one.by),
      comment: nullIfEmpty(one.remark),
    })),
  };
}

@Controller('v1')
export class DecisionController {
  constructor(private readonly decisions: DecisionService) {}

  @Post('decisions')
  @HttpCode(202)
  @Permission('discrepancies:accept')
  @Idempotent()
  @Answers(
    202,
    'It takes effect at once, or when somebody else approves it where the process wants that.',
    z.object({ id: z.string() }),
  )
  async propose(
    @Body({ schema: schemas.DecisionSchema }) body: z.output<typeof schemas.DecisionSchema>,
    @Caller() caller: Principal,
  ) {
    const { action, reason, expiresAt = 0, select } = body;
    const selection = {
      process: select.process,
      reconciliation: select.reconciliation ?? '',
      from: select.from ?? 0,
      to: select.to ?? 0,
      kinds: select.kinds ?? [],
      stages: select.stages ?? [],
      fields: select.fields ?? [],
      keys: select.keys ?? [],
      keyPrefix: select.keyPrefix ?? '',
    };
    return { id: await this.decisions.propose(action, selection, reason, expiresAt, caller.id, now()) };
  }

  @Get('decisions')
  @Permission('reconciliations:read')
  @Answers(200, 'Decisions of people, newest first.', pageOf(schemas.DecisionAnswer))
  async list(
    @Query({ schema: schemas.DecisionQuery }) { process, cursor, limit }: z.output<typeof schemas.DecisionQuery>,
  ) {
    const [beforeAt, before] = cursor === undefined ? NEWEST : byTime.decode(cursor);
    const found = await this.decisions.list(process ?? '', beforeAt, before, limit + 1);
    const { items, next } = paginate(found, limit, byTime, ({ at, decision }) => [at, decision] as const);
    return { items: items.map(view), ...(next !== undefined && { next }) };
  }

  @Get('decisions/:id')
  @Permission('reconciliations:read')
  @Answers(200, 'The decision, and what became of it.', schemas.DecisionAnswer)
  async get(@Param('id') id: string) {
    return view(await this.decisions.decision(id));
  }

  @Post('decisions/:id/approve')
  @HttpCode(200)
  @Permission('discrepancies:approve')
  @Answers(200, 'It takes effect. Nobody approves what they proposed.', schemas.DecisionAnswer)
  async approve(
    @Param('id') id: string,
    @Body({ schema: schemas.AnswerSchema }) { comment = '' }: z.output<typeof schemas.AnswerSchema>,
    @Caller() caller: Principal,
  ) {
    return view(await this.decisions.answer(id, 'approved', caller.id, comment, now()));
  }

  @Post('decisions/:id/refuse')
  @HttpCode(200)
  @Permission('discrepancies:approve')
  @Answers(200, 'It never takes effect.', schemas.DecisionAnswer)
  async refuse(
    @Param('id') id: string,
    @Body({ schema: schemas.AnswerSchema }) { comment = '' }: z.output<typeof schemas.AnswerSchema>,
    @Caller() caller: Principal,
  ) {
    return view(await this.decisions.answer(id, 'refused', caller.id, comment, now()));
  }

  @Get('reconciliations/:id/decisions')
  @Permission('reconciliations:read')
  @Answers(200, 'What rules and people decided about a window, oldest first.', pageOf(schemas.DecisionOfWindow))
  async ofWindow(
    @Param('id') id: string,
    @Query({ schema: schemas.OfWindowQuery }) { cursor, limit }: z.output<typeof schemas.OfWindowQuery>,
  ) {
    const [afterAt, after] = cursor === undefined ? [0, ''] : ofWindow.decode(cursor);
    const found = await this.decisions.ofWindow(id, afterAt, after, limit + 1);
    const { items, next } = paginate(
      found,
      limit,
      ofWindow,
      ({ decidedAt, decision }) => [decidedAt, decision] as const,
    );
    return {
      items: items.map(({ decision, revision, action, discrepancies, rule, ruleVersion, by, decidedAt, outcome }) => ({
        decision,
        revision,
        action,
        discrepancies,
        rule: rule === '' ? null : { id: rule, version: ruleVersion },
        by,
        at: formatInstant(decidedAt),
        outcome: nullIfEmpty(outcome),
      })),
      ...(next !== undefined && { next }),
    };
  }
}
