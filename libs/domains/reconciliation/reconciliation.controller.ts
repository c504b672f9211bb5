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
import type { Revision } from './core/revision';
import { ExplanationService } from './explanation.service';
import type { DiscrepancyKind } from './core/window';
import * as schemas from './reconciliation.schemas';
import { ReconciliationService } from './reconciliation.service';

const byWindow = cursorOf('reconciliations', z.tuple([z.int(), z.string(), z.int()]));
const byDiscrepancy = cursorOf('discrepancies', z.tuple([z.string(), z.string(), z.string()]));
const byRevision = cursorOf('revisions', z.tuple([z.int()]));
/** After every window: the year 2255. */
const LAST = 9_000_000_000_000_000;

const linksOf = (id: string) => ({
  self: `/v1/reconciliations/${id}`,
  discrepancies: `/v1/reconciliations/${id}/discrepancies`,
  revisions: `/v1/reconciliations/${id}/revisions`,
});
const nullIfEmpty = (text: string): string | null => (text === '' ? null : text);

const revisionAnswer = ({
  revision,
  state,
  depth,
  judgedAt,
  processVersion,
  stageCounts,
  kinds,
  open,
  accepted,
}: Revision) => ({
  revision,
  state,
  depth,
  judgedAt: formatInstant(judgedAt),
  processVersion,
  events: stageCounts,
  discrepancies: kinds,
  open,
  accepted,
  partial: (kinds['undecided'] ?? 0) > 0,
});

@Controller('v1/reconciliations')
export class ReconciliationController {
  constructor(
    private readonly reconciliation: ReconciliationService,
    private readonly explanation: ExplanationService,
  ) {}

  @Post()
  @HttpCode(202)
  @Permission('reconciliations:write')
  @Idempotent()
  @Answers(202, 'The window is open; an existing one is answered as it is.', schemas.StartedAnswer)
  async start(
    @Body({ schema: schemas.WindowSchema }) window: z.output<typeof schemas.WindowSchema>,
    @Caller() caller: Principal,
  ) {
    const { id, isNew } = await this.reconciliation.open(window, caller.id);
    return { id, isNew, links: linksOf(id) };
  }

  @Get()
  @Permission('reconciliations:read')
  @Answers(200, 'Windows, newest first.', pageOf(schemas.WindowAnswer))
  async list(
    @Query({ schema: schemas.ListQuery }) { process, state, cursor, limit }: z.output<typeof schemas.ListQuery>,
  ) {
    const [beforeFrom, beforeProcess, beforeTo] = cursor === undefined ? [LAST, '', LAST] : byWindow.decode(cursor);
    const rows = await this.reconciliation.list({
      process: process ?? '',
      state: state ?? '',
      beforeFrom,
      beforeProcess,
      beforeTo,
      limit: limit + 1,
    });
    const { items, next } = paginate(rows, limit, byWindow, (last) => [last.from, last.process, last.to] as const);
    return {
      items: items.map(({ reconciliation, process, from, to, openedBy, openedAt, state, revision }) => ({
        id: reconciliation,
        process,
        from: formatInstant(from),
        to: formatInstant(to),
        state,
        revision,
        openedBy: nullIfEmpty(openedBy),
        openedAt: formatInstant(openedAt),
      })),
      ...(next !== undefined && { next }),
    };
  }

  @Get(':id')
  @Permission('reconciliations:read')
  @Answers(200, 'The window: state, deadline, newest verdict and who did what.', schemas.ReconciliationAnswer)
  async get(@Param('id') id: string) {
    const { window, opened, transitions, verdict, last } = await this.reconciliation.get(id);
    const story = [{ at: opened.openedAt, state: 'opened' as const, revision: 0, by: opened.openedBy }, ...transitions];
    return {
      id,
      process: window.process,
      from: formatInstant(window.from),
      to: formatInstant(window.to),
      state: last?.state ?? 'opened',
      revision: verdict?.revision ?? 0,
      openedBy: nullIfEmpty(opened.openedBy),
      openedAt: formatInstant(opened.openedAt),
      deadline: typeof last?.deadline === 'number' ? formatInstant(last.deadline) : null,
      verdict: verdict ? revisionAnswer(verdict) : null,
      alert: nullIfEmpty(last?.alertId ?? ''),
      story: story.map(({ at, state, revision, by }) => ({
        at: formatInstant(at),
        state,
        revision,
        by: nullIfEmpty(by),
      })),
      links: linksOf(id),
    };
  }

  @Get(':id/discrepancies')
  @Permission('reconciliations:read')
  @Answers(200, 'Discrepancies of the newest revision, or of the one that is named.', pageOf(schemas.DiscrepancyAnswer))
  async discrepancies(
    @Param('id') id: string,
    @Query({ schema: schemas.DiscrepancyQuery }) query: z.output<typeof schemas.DiscrepancyQuery>,
  ) {
    const { cursor, limit, revision, kind = '', stage = '', hop = '', rank = '', key = '', status = '' } = query;
    const [afterKey, afterStage, afterKind] = cursor === undefined ? ['', '', ''] : byDiscrepancy.decode(cursor);
    const rows = await this.reconciliation.discrepancies(
      id,
      revision,
      { kind, stage, hop, rank, key, status },
      { afterKey, afterStage, afterKind },
      limit + 1,
    );
    const { items, next } = paginate(rows, limit, byDiscrepancy, ({ key, stage, kind }): [string, string, string] => [
      key,
      stage,
      kind,
    ]);
    return {
      items: items.map(({ field, since, firstSeenAt, accepted, ...one }) => ({
        ...one,
        since: formatInstant(since),
        ...(field !== '' && { field }),
        firstSeenAt: formatInstant(firstSeenAt),
        ...(accepted && { accepted }),
      })),
      ...(next !== undefined && { next }),
    };
  }

  @Get(':id/hops')
  @Permission('reconciliations:read')
  @Answers(200, 'Where facts were lost: every hop, with what is wrong on it and since when.', schemas.HopsAnswer)
  async hops(@Param('id') id: string) {
    const hops = await this.explanation.hops(id);
    return {
      hops: hops.map(({ since, ...hop }) => ({ ...hop, since: since === undefined ? null : formatInstant(since) })),
    };
  }

  @Get(':id/causes')
  @Permission('events:read')
  @Answers(200, 'What keys with discrepancies have in common that others have not.', schemas.CausesAnswer)
  async causes(
    @Param('id') id: string,
    @Query({ schema: schemas.CauseQuery }) { kind = '', hop = '' }: z.output<typeof schemas.CauseQuery>,
  ) {
    const { keys, causes } = await this.explanation.causes(id, { kind, hop });
    return { keys, causes: causes.map(({ otherKeys: _otherKeys, ...cause }) => cause) };
  }

  @Get(':id/revisions')
  @Permission('reconciliations:read')
  @Answers(200, 'Revisions of the verdict, newest first; none is ever overwritten.', pageOf(schemas.RevisionAnswer))
  async revisions(
    @Param('id') id: string,
    @Query({ schema: schemas.RevisionQuery }) { cursor, limit }: z.output<typeof schemas.RevisionQuery>,
  ) {
    const [before] = cursor === undefined ? [undefined] : byRevision.decode(cursor);
    const rows = await this.reconciliation.revisions(id, before ?? 4_294_967_295, limit + 1);
    const { items, next } = paginate(rows, limit, byRevision, ({ revision }) => [revision] as const);
    return { items: items.map(revisionAnswer), ...(next !== undefined && { next }) };
  }

  @Post(':id/judge')
  @HttpCode(202)
  @Permission('reconciliations:write')
  @Answers(202, 'The window will be judged again.', z.object({ id: z.string() }))
  async judge(@Param('id') id: string, @Caller() caller: Principal) {
    await this.reconciliation.judgeAgain(id, caller.id);
    return { id };
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @Permission('reconciliations:write')
  @Answers(202, 'The window is being closed as it is.', z.object({ id: z.string() }))
  async cancel(@Param('id') id: string, @Caller() caller: Principal) {
    await this.reconciliation.cancel(id, caller.id);
    return { id };
  }

  @Post(':id/acceptances')
  @HttpCode(201)
  @Permission('discrepancies:accept')
  @Idempotent()
  @Answers(201, 'The verdict after the acceptance.', z.object({ state: z.string(), revision: z.int(), open: z.int() }))
  accept(
    @Param('id') id: string,
    @Body({ schema: schemas.AcceptanceSchema }) body: z.output<typeof schemas.AcceptanceSchema>,
    @Caller() caller: Principal,
  ) {
    const selected = body.discrepancies as { key: string; stage: string; kind: DiscrepancyKind }[] | undefined;
    return this.reconciliation.accept(id, selected, body.reason, caller.id, body.revision);
  }
}
