import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ArchiveWriter } from '@holdfast/domains/archives/archive-writer.service';
import { AuditService } from '@holdfast/domains/audit/audit.service';
import type { Action } from '@holdfast/domains/audit/core/entry';
import { DomainError, formatInstant, type Micros } from '@holdfast/kernel';
import { SagaJournal } from '@holdfast/platform/sagas';
import { Signing } from '@holdfast/platform/signing';
import {
  CERTIFICATE_FORMAT,
  type CertificateDocument,
  type CertifiedLot,
  type SignedCertificate,
  STANDING_EXCEPTIONS,
} from './core/certificate';
import { archiveOf } from './lot-archiver';
import { LotRowStore } from './lot-row.store';
import { type LotOutcome, type PlannedLot, RunStore, type StoredPlan } from './run.store';

/** Issues certificates of what runs did away with. */
@Injectable()
export class Certifier {
  constructor(
    private readonly runs: RunStore,
    private readonly journal: SagaJournal,
    private readonly signing: Signing,
    private readonly audit: AuditService,
    private readonly rows: LotRowStore,
    private readonly archives: ArchiveWriter,
  ) {}

  /** A repeat issues no second one. @returns rows that it certifies @throws DomainError `conflict` without a key to sign with; `unavailable` */
  async certify(run: string, at: Micros): Promise<number> {
    if (await this.runs.certificateOf(run)) return 0;
    const document = await this.documentOf(run, at);
    const digest = createHash('sha256').update(JSON.stringify(document)).digest('hex');
    const entry: Action = {
      ...{ kind: 'change', action: 'retention.certify', actor: 'retention', actorKind: 'system', outcome: 'success' },
      ...{ subject: { kind: 'certificate', id: document.certificate }, request: run, digest },
    };
    // Of the digest: a try that died before the certificate was kept may have entered another document.
    const sequence = await this.audit.record(entry, `${document.certificate}/${digest.slice(0, 16)}`);
    const [{ size, proof, checkpoint }, stored] = await Promise.all([
      this.audit.inclusion(sequence),
      this.audit.entry(sequence),
    ]);
    if (!('salt' in stored)) throw new DomainError('unavailable', 'audit_unavailable', 'the audit log lost an entry');
    const { salt, entry: text } = stored;
    const signed: SignedCertificate = { document, log: { sequence, salt, entry: text, size, proof, checkpoint } };
    await this.runs.keepCertificate({
      ...{ certificate: document.certificate, run, document: this.signing.sign(signed), sequence, issuedAt: at },
    });
    return document.totals.rowsGone;
  }

  /** Archives of the same class and month that were written before: they may have copies of what is gone. */
  private async copiesOf(lots: readonly CertifiedLot[]): Promise<string[]> {
    const told: string[] = [];
    for (const { lot, kind, class: of, period, outcome } of lots)
      if (kind === 'dispose' && outcome === 'gone')
        for (const archive of await this.archives.standingOf(of, period))
          told.push(`Of lot ${lot} the archive ${archive} may have copies until its own time is over.`);
    return told;
  }

  private async documentOf(run: string, at: Micros): Promise<CertificateDocument> {
    const [asked, plan, entries, outcomes] = await Promise.all([
      this.runs.run(run),
      this.runs.plan(run),
      this.journal.entries(run),
      this.runs.outcomes(run),
    ]);
    if (!asked || !plan) throw new DomainError('not_found', 'retention_run_not_found', 'there is no such run');
    const approval = entries.findLast(({ state }) => state === 'approved');
    const lots = (await this.runs.lots(plan.plan)).map((lot) =>
      certified(
        plan,
        lot,
        outcomes.find((one) => one.lot === lot.lot),
      ),
    );
    const copies = await this.copiesOf(lots);
    const sum = (of: (lot: CertifiedLot) => number): number => lots.reduce((total, lot) => total + of(lot), 0);
    return {
      ...{ format: CERTIFICATE_FORMAT, certificate: certificateOf(run), run, issuedAt: formatInstant(at) },
      requestedBy: asked.requestedBy,
      authorisedBy: approval?.by ?? '',
      authorisedAt: approval ? formatInstant(approval.at) : '',
      ...{ planDigest: plan.digest, policies: plan.policies },
      sanitization: {
        method: 'clear',
        technique: 'The files that held the rows were removed from the disk by the database engine.',
        tool: 'ClickHouse',
        toolVersion: await this.rows.engineVersion(),
        verification: 'Every partition was looked at until the engine had no file of it any more that held these rows.',
      },
      holdCheck: { rowsHeld: sum(({ rowsHeld }) => rowsHeld) },
      lots,
      totals: {
        rowsBefore: sum(({ rowsBefore }) => rowsBefore),
        rowsGone: sum(({ rowsGone }) => rowsGone),
        rowsLeft: sum(({ rowsLeft }) => rowsLeft),
      },
      exceptions: [
        ...lots.flatMap(({ lot, reason }) => (reason === null ? [] : [`Lot ${lot} was left: ${reason}.`])),
        ...lots.flatMap(({ lot, kind, outcome, proved }) =>
          outcome === 'gone' && kind !== 'expire' && !proved
            ? [`Lot ${lot} is not proved: its partition has more rows than the purge left.`]
            : [],
        ),
        ...copies,
        ...STANDING_EXCEPTIONS,
      ],
    };
  }
}

/** The certificate of a run: the same for every try. */
export const certificateOf = (run: string): string => `certificate-${run.replace(/^run-/, '')}`;

function certified(plan: StoredPlan, lot: PlannedLot, outcome: LotOutcome | undefined): CertifiedLot {
  const isGone = outcome?.state === 'purged';
  const left = isGone ? outcome.kept : lot.total;
  return {
    ...{ lot: lot.lot, kind: lot.kind },
    media:
      lot.kind === 'expire'
        ? { type: 'archive', id: lot.partition }
        : { type: 'database partition', id: `tracking_records/${lot.partition}` },
    ...{ class: lot.class, period: lot.period, policies: lot.policies },
    ...{ rowsBefore: lot.total, rowsGone: isGone ? outcome.rows : 0, rowsLeft: left },
    rowsHeld: isGone ? outcome.held : lot.held,
    holds: isGone ? outcome.holds : plan.holds,
    relatedRowsGone: outcome?.related ?? 0,
    outcome: isGone ? 'gone' : 'left',
    reason: isGone ? null : outcome?.fault || 'called_off',
    proved: outcome?.isProved ?? false,
    archive: lot.kind === 'archive' && isGone ? archiveOf(plan, lot) : null,
  };
}
