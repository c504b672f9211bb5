import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SettlementService } from '@holdfast/domains/reconciliation/settlement.service';
import { DomainError, formatInstant, newId, type Micros } from '@holdfast/kernel';
import { type AgainstProcess, type GateWindow, NAMED } from './core/gate';
import { GateService, type GateState } from './gate.service';
import { kindOfPeriod } from './periods';
import { type PublicJwk, Signing } from '@holdfast/platform/signing';
import { type StatedWindow, StatementStore, type StoredStatement } from './statement.store';

/** Windows that are looked up at once. */
const PAGE = 1_000;

export interface Superseded {
  readonly windows: number;
  readonly first: readonly { readonly reconciliation: string; readonly revision: number }[];
}
export type StatementView = StoredStatement & { readonly supersededBy: Superseded | null };

/** Signed statements that a period may be reported: by which revisions, and whether they still hold. */
@Injectable()
export class StatementService {
  constructor(
    private readonly store: StatementStore,
    private readonly gates: GateService,
    private readonly settlement: SettlementService,
    private readonly signing: Signing,
  ) {}

  /**
   * @throws DomainError `conflict` while the gate is closed, with what stands against it, or when there is no key; `not_found` when there is no such gate of this kind of period
   */
  async issue(period: string, gate: string, by: string, at: Micros): Promise<StatementView> {
    const kind = kindOfPeriod(period);
    const found = await this.gates.gate(gate);
    if (found.body.period !== kind)
      throw new DomainError('not_found', 'reporting_gate_not_found', `there is no such reporting gate of a ${kind}`);
    mustBeOpen(period, await this.gates.stateOf(gate, found, period)); // before anything is written
    const statement = newId();
    const hash = createHash('sha256');
    let windows = 0;
    const state = await this.gates.stateOf(gate, found, period, async (page) => {
      windows += page.length;
      for (const one of page) hash.update(lineOf(one));
      await this.store.addWindows(statement, page);
    });
    mustBeOpen(period, state); // what is stated is what was looked at now
    const signature = this.signing.sign({
      statement,
      period,
      gate,
      gateVersion: state.version,
      from: formatInstant(state.from),
      to: formatInstant(state.to),
      processes: state.against.map((one) => ({
        process: one.process,
        windows: one.windows,
        openDiscrepancies: one.open.discrepancies,
        unjudgedSeconds: one.unjudged.seconds,
      })),
      windows,
      revisionsSha256: hash.digest('hex'),
      issuedBy: by,
      issuedAt: formatInstant(at),
    });
    const made = { statement, gate, period, gateVersion: state.version, issuedBy: by, issuedAt: at, signature };
    await this.store.add(made);
    return { ...made, supersededBy: null };
  }

  /** Newest first. @throws DomainError `invalid` when it is no period */
  async list(period: string, gate: string): Promise<StatementView[]> {
    kindOfPeriod(period);
    const views: StatementView[] = [];
    for (const one of await this.store.list(period, gate)) views.push(await this.viewOf(one));
    return views;
  }

  /** @throws DomainError `not_found` */
  async statement(id: string): Promise<StatementView> {
    return this.viewOf(await this.existing(id));
  }

  /** The revisions that it stands on, by window. @throws DomainError `not_found` */
  async windows(id: string, after: string, limit: number): Promise<StatedWindow[]> {
    await this.existing(id);
    return this.store.windows(id, after, limit);
  }

  publicKeys(): PublicJwk[] {
    return this.signing.publicKeys();
  }

  private async existing(id: string): Promise<StoredStatement> {
    const found = await this.store.find(id);
    if (!found) throw new DomainError('not_found', 'statement_not_found', 'there is no such statement');
    return found;
  }

  /** A statement is superseded for good once a later revision had more open discrepancies than it stated. */
  private async viewOf(stored: StoredStatement): Promise<StatementView> {
    let windows = 0;
    const first: { reconciliation: string; revision: number }[] = [];
    for (let after = ''; ;) {
      const page = await this.store.windows(stored.statement, after, PAGE);
      const reopened = page.length === 0 ? [] : await this.settlement.reopened(page);
      windows += reopened.length;
      first.push(...reopened.slice(0, NAMED - first.length));
      if (page.length < PAGE) break;
      after = page.at(-1)!.reconciliation;
    }
    return { ...stored, supersededBy: windows === 0 ? null : { windows, first } };
  }
}

/** What is hashed of a window; in the order in which windows are stated: process by process, by beginning. */
const lineOf = ({ reconciliation, revision, open }: GateWindow): string => `${reconciliation} ${revision} ${open}\n`;

function mustBeOpen(period: string, { gate, open, against: all }: GateState): void {
  if (open) return;
  throw new DomainError('conflict', 'gate_closed', `${period} may not be reported: ${against(all)}`, {
    extra: { gate, period },
  });
}

function against(all: readonly AgainstProcess[]): string {
  const sum = (of: (one: AgainstProcess) => number): number => all.reduce((total, one) => total + of(one), 0);
  const parts = [
    [sum(({ undecided }) => undecided.windows), 'windows undecided'],
    [sum(({ cancelled }) => cancelled.windows), 'windows cancelled'],
    [sum(({ open }) => open.discrepancies), 'discrepancies open'],
    [sum(({ ignored }) => ignored.discrepancies), 'discrepancies ignored for a time'],
    [sum(({ unjudged }) => unjudged.seconds), 'seconds unjudged'],
  ] as const;
  return parts.flatMap(([n, what]) => (n > 0 ? [`${n} ${what}`] : [])).join(', ');
}
