import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { formatInstant, microsOf } from '@holdfast/kernel';
import { Answers, Caller, cursorOf, paginate, Permission, type Principal } from '@holdfast/platform/http';
import { z } from 'zod';
import * as schemas from './findings.schemas';
import { type FindingStep, NEWEST, type StoredFinding } from './core/finding-story';
import { type FindingStory, FindingsService } from './findings.service';

const byFound = cursorOf('findings', z.tuple([z.int().min(0).max(NEWEST.beforeAt), z.string().max(32)]));
const nullIfEmpty = (text: string): string | null => (text === '' ? null : text);
const now = () => microsOf(new Date().toISOString());

const findingAnswer = (finding: StoredFinding) => {
  const { id, kind, severity, state, source, process, stage, subject, extent, impact, owner, occurrences } = finding;
  return {
    ...{ id, kind, severity, state, occurrences },
    source: nullIfEmpty(source),
    subject: nullIfEmpty(subject),
    process: nullIfEmpty(process),
    stage: nullIfEmpty(stage),
    range: { numbers: extent.numbers ?? null, from: formatInstant(extent.fromAt), to: formatInstant(extent.toAt) },
    impact: { cases: impact.cases, amount: nullIfEmpty(impact.amount), currency: nullIfEmpty(impact.currency) },
    measures: extent.measures,
    owner: nullIfEmpty(owner),
    foundAt: formatInstant(finding.foundAt),
    changedAt: formatInstant(finding.changedAt),
    observedTo: formatInstant(finding.observedTo),
  };
};
const stepAnswer = ({ doneAt, step, doneBy, owner, cases, amount, currency, reason, alert }: FindingStep) => ({
  at: formatInstant(doneAt),
  step,
  by: nullIfEmpty(doneBy),
  owner: nullIfEmpty(owner),
  impact:
    cases === null && amount === '' ? null : { cases, amount: nullIfEmpty(amount), currency: nullIfEmpty(currency) },
  reason: nullIfEmpty(reason),
  alert: nullIfEmpty(alert),
});
const storyAnswer = ({ finding, steps }: FindingStory) => ({
  ...findingAnswer(finding),
  alerts: [...finding.alerted].sort(),
  steps: steps.map(stepAnswer),
});

@Controller('v1/findings')
export class FindingsController {
  constructor(private readonly findings: FindingsService) {}

  @Get()
  @Permission('findings:read')
  @Answers(200, 'Findings, newest first.', schemas.FindingPage)
  async list(@Query({ schema: schemas.FindingsQuery }) query: z.output<typeof schemas.FindingsQuery>) {
    const { cursor, limit, ...filter } = query;
    const [beforeAt, before] = cursor === undefined ? [NEWEST.beforeAt, NEWEST.before] : byFound.decode(cursor);
    const found = await this.findings.list(filter, { beforeAt, before }, limit + 1);
    const { items, next } = paginate(found, limit, byFound, ({ foundAt, id }) => [foundAt, id] as const);
    return { items: items.map(findingAnswer), ...(next !== undefined && { next }) };
  }

  @Get(':id')
  @Permission('findings:read')
  @Answers(200, 'The finding, and everything that happened to it.', schemas.FindingDetails)
  async get(@Param('id', { schema: schemas.FindingId }) id: string) {
    return storyAnswer(await this.findings.story(id));
  }

  @Post(':id/triage')
  @HttpCode(200)
  @Permission('findings:write')
  @Answers(
    200,
    'Somebody has looked at it: owner, impact and comment as far as they were given.',
    schemas.FindingDetails,
  )
  async triage(
    @Param('id', { schema: schemas.FindingId }) id: string,
    @Body({ schema: schemas.TriageRequest }) { owner, impact, reason }: z.output<typeof schemas.TriageRequest>,
    @Caller() caller: Principal,
  ) {
    return storyAnswer(await this.findings.change(id, 'triaged', { owner, reason, ...impact }, caller.id, now()));
  }

  @Post(':id/fix')
  @HttpCode(200)
  @Permission('findings:write')
  @Answers(200, 'Fixed: it is open again when it occurs again.', schemas.FindingDetails)
  async fix(
    @Param('id', { schema: schemas.FindingId }) id: string,
    @Body({ schema: schemas.CloseRequest }) { impact, reason }: z.output<typeof schemas.CloseRequest>,
    @Caller() caller: Principal,
  ) {
    return storyAnswer(await this.findings.change(id, 'fixed', { reason, ...impact }, caller.id, now()));
  }

  @Post(':id/accept')
  @HttpCode(200)
  @Permission('findings:write')
  @Answers(200, 'Accepted: it stays so, also when it occurs again.', schemas.FindingDetails)
  async accept(
    @Param('id', { schema: schemas.FindingId }) id: string,
    @Body({ schema: schemas.CloseRequest }) { impact, reason }: z.output<typeof schemas.CloseRequest>,
    @Caller() caller: Principal,
  ) {
    return storyAnswer(await this.findings.change(id, 'accepted', { reason, ...impact }, caller.id, now()));
  }
}
