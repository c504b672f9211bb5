import { Body, Controller, Get, HttpCode, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { dateOf } from '@holdfast/domains/retention/core/period';
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
import { type Certificate, CertificateService } from './certificate.service';
import * as schemas from './disposition.schemas';
import { RetentionRunService, type RunDetail, type RunView } from './retention-run.service';

const byTime = cursorOf('retention-runs', z.tuple([z.int(), z.string()]));
const byIssue = cursorOf('certificates', z.tuple([z.int(), z.string()]));
const NEWEST: readonly [number, string] = [9_000_000_000_000_000, ''];
const now = (): Micros => Date.now() * 1000;
const orNull = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text);
const timeOrNull = (at: Micros | undefined): string | null => (at ? formatInstant(at) : null);

const runAnswer = ({ run, isDryRun, requestedBy, requestedAt, state, plan }: RunView) => ({
  ...{ id: run, dryRun: isDryRun, requestedBy, requestedAt: formatInstant(requestedAt), state },
  asOf: plan ? dateOf(plan.asOf) : null,
  digest: plan?.digest ?? null,
});
const runDetail = (of: RunDetail) => ({
  ...runAnswer(of),
  policies: of.plan?.policies ?? [],
  steps: of.steps.map(({ since, until, by, code, ...step }) => ({
    ...{ ...step, since: timeOrNull(since), until: timeOrNull(until), by: orNull(by), code: orNull(code) },
  })),
  lots: of.lots.map(({ became, retainUntil, ...lot }) => ({
    ...{ ...lot, retainUntil: timeOrNull(retainUntil) },
    became: became
      ? {
          ...{ state: became.state, fault: orNull(became.fault), rows: became.rows, kept: became.kept },
          ...{ related: became.related, proved: became.isProved },
        }
      : null,
  })),
  certificate: of.certificate ?? null,
});
const certificateAnswer = ({ certificate, run, issuedAt, sequence, signed }: Certificate) => ({
  ...{ id: certificate, run, issuedAt: formatInstant(issuedAt), sequence },
  ...{ rowsGone: signed.document.totals.rowsGone, rowsLeft: signed.document.totals.rowsLeft },
  ...{ requestedBy: signed.document.requestedBy, authorisedBy: signed.document.authorisedBy },
});

/** Runs of retention and the certificates of what they did away with. */
@Controller('v1')
export class DispositionController {
  constructor(
    private readonly runs: RetentionRunService,
    private readonly certificates: CertificateService,
  ) {}

  @Post('retention-runs')
  @HttpCode(202)
  @Permission('retention:run')
  @Idempotent()
  @Answers(202, 'It plans; somebody else approves.', schemas.RunDetailAnswer)
  async start(
    @Body({ schema: schemas.StartSchema }) { dryRun }: z.output<typeof schemas.StartSchema>,
    @Caller() caller: Principal,
  ) {
    return runDetail(await this.runs.start(dryRun, caller.id, now()));
  }

  @Get('retention-runs')
  @Permission('retention:read')
  @Answers(200, 'Runs, the newest first.', pageOf(schemas.RunAnswer))
  async list(@Query({ schema: schemas.ListQuery }) { cursor, limit }: z.output<typeof schemas.ListQuery>) {
    const [at, id] = cursor === undefined ? NEWEST : byTime.decode(cursor);
    const found = await this.runs.runs(at, id, limit + 1);
    const { items, next } = paginate(found, limit, byTime, (last) => [last.requestedAt, last.run] as const);
    return { items: items.map(runAnswer), ...(next !== undefined && { next }) };
  }

  @Get('retention-runs/:id')
  @Permission('retention:read')
  @Answers(200, 'The run: its plan, its steps, what became of each lot.', schemas.RunDetailAnswer)
  async show(@Param('id', { schema: schemas.RunId }) id: string) {
    return runDetail(await this.runs.run(id));
  }

  @Post('retention-runs/:id/approve')
  @HttpCode(200)
  @Permission('retention:approve')
  @Answers(200, 'What the digest names is carried out.', schemas.RunDetailAnswer)
  async approve(
    @Param('id', { schema: schemas.RunId }) id: string,
    @Body({ schema: schemas.AnswerSchema }) { digest }: z.output<typeof schemas.AnswerSchema>,
    @Caller() caller: Principal,
  ) {
    return runDetail(await this.runs.answer(id, 'approved', caller.id, digest));
  }

  @Post('retention-runs/:id/refuse')
  @HttpCode(200)
  @Permission('retention:approve')
  @Answers(200, 'Nothing of it is carried out.', schemas.RunDetailAnswer)
  async refuse(
    @Param('id', { schema: schemas.RunId }) id: string,
    @Body({ schema: schemas.AnswerSchema }) { digest }: z.output<typeof schemas.AnswerSchema>,
    @Caller() caller: Principal,
  ) {
    return runDetail(await this.runs.answer(id, 'refused', caller.id, digest));
  }

  @Post('retention-runs/:id/stop')
  @HttpCode(200)
  @Permission('retention:run')
  @Answers(
    200,
    'It goes on no further than it has begun to, or than the step before the named one.',
    schemas.RunDetailAnswer,
  )
  async stop(
    @Param('id', { schema: schemas.RunId }) id: string,
    @Body({ schema: schemas.StopSchema }) { before }: z.output<typeof schemas.StopSchema>,
    @Caller() caller: Principal,
  ) {
    return runDetail(await this.runs.steer(id, 'stop', caller.id, before));
  }

  @Post('retention-runs/:id/resume')
  @HttpCode(200)
  @Permission('retention:run')
  @Answers(200, 'It goes on where it was stopped, or tries again what failed.', schemas.RunDetailAnswer)
  async resume(@Param('id', { schema: schemas.RunId }) id: string, @Caller() caller: Principal) {
    return runDetail(await this.runs.steer(id, 'resume', caller.id));
  }

  @Post('retention-runs/:id/call-off')
  @HttpCode(200)
  @Permission('retention:run')
  @Answers(200, 'What it has written is taken away; what it has deleted is certified.', schemas.RunDetailAnswer)
  async callOff(@Param('id', { schema: schemas.RunId }) id: string, @Caller() caller: Principal) {
    return runDetail(await this.runs.steer(id, 'call_off', caller.id));
  }

  @Get('certificates')
  @Permission('retention:read')
  @Answers(200, 'Certificates, the newest first.', pageOf(schemas.CertificateAnswer))
  async listCertificates(@Query({ schema: schemas.ListQuery }) { cursor, limit }: z.output<typeof schemas.ListQuery>) {
    const [at, id] = cursor === undefined ? NEWEST : byIssue.decode(cursor);
    const found = await this.certificates.certificates(at, id, limit + 1);
    const { items, next } = paginate(found, limit, byIssue, (last) => [last.issuedAt, last.certificate] as const);
    return { items: items.map(certificateAnswer), ...(next !== undefined && { next }) };
  }

  @Get('certificates/:id')
  @Permission('retention:read')
  @Answers(200, 'The certificate, as it was signed.', schemas.CertificateDetailAnswer)
  async showCertificate(@Param('id', { schema: schemas.CertificateId }) id: string) {
    const found = await this.certificates.certificate(id);
    return { ...certificateAnswer(found), certificate: { ...found.signed }, signed: found.document };
  }

  @Get('certificates/:id/certificate.pdf')
  @Permission('retention:read')
  @Audited('export')
  @Answers(200, 'The certificate on paper. The signed JSON is what counts.', z.string())
  async pdf(@Param('id', { schema: schemas.CertificateId }) id: string) {
    return new StreamableFile(await this.certificates.pdf(id), {
      type: 'application/pdf',
      disposition: `attachment; filename="${id}.pdf"`,
    });
  }
}
