import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import type { Revision } from '@holdfast/domains/reconciliation/core/revision';
import { FIRST_DISCREPANCY, SettlementService } from '@holdfast/domains/reconciliation/settlement.service';
import { formatInstant, invalid, type Micros } from '@holdfast/kernel';
import { COLUMNS, type ExportRecord, lineOf, type ExportFormat } from './core/export-line';
import { DecisionStore } from './decision.store';
import { ResolutionStore } from './resolution.store';

/** Discrepancies, revisions and decisions that are read at once. */
const PAGE = 5_000;
const REVISIONS = 1_000;
/** Above every revision. */
const NEWEST = 4_294_967_295;

/** What auditors take away: windows, revisions, discrepancies and decisions of a process, as a stream that ends with the hash of all that came before. */
@Injectable()
export class VerdictExportService {
  constructor(
    private readonly settlement: SettlementService,
    private readonly store: ResolutionStore,
    private readonly proposals: DecisionStore,
    private readonly catalog: CatalogService,
  ) {}

  /**
   * Reads page by page, as fast as the reader takes it. A stream that breaks off has no last line.
   * @throws DomainError `invalid` when there is no such process
   */
  async export(process: string, from: Micros, to: Micros, format: ExportFormat): Promise<Readable> {
    if (!(await this.catalog.findProcess(process)))
      throw invalid('unknown_process', 'there is no such process', [{ field: 'process', reason: 'does not exist' }]);
    return Readable.from(hashed(this.records(process, from, to), format), { objectMode: false });
  }

  private async *records(process: string, from: Micros, to: Micros): AsyncGenerator<ExportRecord[]> {
    for await (const window of this.settlement.windowsWithin(process, from, to)) {
      const { reconciliation, state, revision, open, accepted } = window;
      const span = { from: formatInstant(window.from), to: formatInstant(window.to) };
      yield [{ record: 'window', reconciliation, state, revision, open, accepted, ...span }];
      const revisions = await this.revisions(reconciliation);
      yield revisions.map((one) => ({
        record: 'revision',
        reconciliation,
        revision: one.revision,
        state: one.state,
        at: formatInstant(one.judgedAt),
        processVersion: one.processVersion,
        open: one.open,
        accepted: one.accepted,
      }));
      const judgements = new Map(revisions.map((one) => [one.judgement, one.revision]));
      const acceptances = new Set<string>();
      for (const [judgement, first] of [...judgements].toSorted((a, b) => a[1] - b[1]))
        for await (const page of this.discrepancies(reconciliation, judgement, first)) {
          for (const { acceptance } of page) if (acceptance !== '') acceptances.add(String(acceptance));
          yield page;
        }
      yield* this.acceptances(reconciliation, [...acceptances].toSorted());
      yield* this.decisions(reconciliation);
    }
  }

  /** Newest first, so that of a judgement its first revision is met last. */
  private async revisions(reconciliation: string): Promise<Revision[]> {
    const all: Revision[] = [];
    for (let before = NEWEST; ;) {
      const page = await this.settlement.revisions(reconciliation, before, REVISIONS);
      all.push(...page);
      if (page.length < REVISIONS) return all;
      before = page.at(-1)!.revision;
    }
  }

  private async *discrepancies(
    reconciliation: string,
    judgement: string,
    revision: number,
  ): AsyncGenerator<ExportRecord[]> {
    for (let place = FIRST_DISCREPANCY; ;) {
      const page = await this.settlement.discrepancies(reconciliation, judgement, place, PAGE);
      yield page.map(({ key, stage, hop, kind, field, expected, found, acceptance, firstSeenAt }) => ({
        record: 'discrepancy',
        ...{ reconciliation, revision, key, stage, hop, kind, field, expected, found },
        at: formatInstant(firstSeenAt),
        acceptance,
      }));
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      place = { afterKey: last.key, afterStage: last.stage, afterKind: last.kind };
    }
  }

  private async *acceptances(reconciliation: string, ids: readonly string[]): AsyncGenerator<ExportRecord[]> {
    for (let from = 0; from < ids.length; from += PAGE) {
      const found = await this.settlement.acceptances(ids.slice(from, from + PAGE));
      yield found.map(({ acceptance, revision, by, at, reason }) => ({
        record: 'acceptance',
        ...{ reconciliation, revision, acceptance, by, reason },
        at: formatInstant(at),
      }));
    }
  }

  private async *decisions(reconciliation: string): AsyncGenerator<ExportRecord[]> {
    for (let [at, after] = [0, '']; ;) {
      const page = await this.store.decisions(reconciliation, at, after, PAGE);
      const people = await this.people(page.filter(({ rule }) => rule === '').map(({ decision }) => decision));
      yield page.map(({ decision, revision, action, rule, ruleVersion, discrepancies, by, decidedAt, outcome }) => ({
        record: 'decision',
        ...{ reconciliation, revision, decision, action, rule, ruleVersion, discrepancies, by, outcome },
        at: formatInstant(decidedAt),
        ...people.get(decision),
      }));
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      [at, after] = [last.decidedAt, last.decision];
    }
  }

  /** Of decisions of people: why, until when, and who else approved. */
  private async people(decisions: readonly string[]): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
    const [reasons, steps] = await Promise.all([this.proposals.reasons(decisions), this.proposals.steps(decisions)]);
    const approvals = new Map(steps.flatMap((one) => (one.step === 'approved' ? [[one.decision, one]] : [])));
    return new Map(
      reasons.map(({ decision, reason, expiresAt }) => {
        const approval = approvals.get(decision);
        return [
          decision,
          {
            reason,
            ...(expiresAt > 0 && { expiresAt: formatInstant(expiresAt) }),
            ...(approval && { approvedBy: approval.by, approvedAt: formatInstant(approval.at) }),
          },
        ];
      }),
    );
  }
}

/** Lines with the SHA-256 of all bytes before the last line in the last line. */
async function* hashed(records: AsyncIterable<ExportRecord[]>, format: ExportFormat): AsyncGenerator<string> {
  const hash = createHash('sha256');
  let lines = 0;
  if (format === 'csv') {
    const head = `${COLUMNS.join(',')}\r\n`;
    hash.update(head);
    yield head;
  }
  for await (const page of records) {
    if (page.length === 0) continue;
    lines += page.length;
    const text = page.map((one) => lineOf(one, format)).join('');
    hash.update(text);
    yield text;
  }
  yield lineOf({ record: 'end', lines, sha256: hash.digest('hex') }, format);
}
