import { Injectable } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { CLOSED } from '@holdfast/domains/reconciliation/core/window';
import { acceptanceOf } from './core/decision';
import { SettlementService, type StandingWindow } from '@holdfast/domains/reconciliation/settlement.service';
import { DomainError, invalid, type Micros } from '@holdfast/kernel';
import { type AgainstProcess, type GateDefinition, GateTally, type GateWindow, isOpen, type Span } from './core/gate';
import { GateSchema } from './gate.schemas';
import { kindOfPeriod, spanOf } from './periods';
import { ResolutionStore } from './resolution.store';

const GATE: DocumentKind<GateDefinition> = { kind: 'reporting-gate', body: GateSchema };
/** Windows whose ignored discrepancies are looked up at once. */
const PAGE = 1_000;

/** Whether one gate is open for a period, and what stands against that. */
export interface GateState extends Span {
  readonly gate: string;
  readonly version: number;
  readonly open: boolean;
  readonly against: readonly AgainstProcess[];
}

/** The reporting gates: versioned documents, and whether a period may be reported. */
@Injectable()
export class GateService {
  constructor(
    private readonly register: RegisterService,
    private readonly catalog: CatalogService,
    private readonly settlement: SettlementService,
    private readonly store: ResolutionStore,
  ) {}

  /** @throws DomainError `not_found` */
  gate(id: string): Promise<Version<GateDefinition>> {
    return this.register.get(GATE, id);
  }

  list(after: string, limit: number): Promise<(Version<GateDefinition> & { readonly id: string })[]> {
    return this.register.list(GATE, after, limit);
  }

  /** Newest first, of versions below `before`. @throws DomainError `not_found` */
  history(id: string, before: number, limit: number): Promise<Version<GateDefinition>[]> {
    return this.register.history(GATE, id, before, limit);
  }

  /** @returns the version that the gate has now. @throws DomainError `invalid` when a process does not exist; see RegisterService.change */
  async put(id: string, gate: GateDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    const known = new Set((await this.catalog.findProcesses(gate.processes)).map((one) => one.id));
    const wrong = gate.processes.flatMap((process, index) =>
      known.has(process) ? [] : [{ field: `processes.${index}`, reason: 'does not exist' }],
    );
    if (wrong.length > 0) throw invalid('unknown_process', 'the gate names processes that do not exist', wrong);
    return this.register.change(GATE, id, gate, expected, by, at);
  }

  /**
   * Every gate of the period, or the one that is named.
   * @throws DomainError `invalid` when it is no period; `not_found` when there is no gate of its kind
   */
  async ofPeriod(period: string, gate: string | undefined): Promise<GateState[]> {
    const kind = kindOfPeriod(period);
    const all = [...(await this.register.everyCurrentOf(GATE, true))];
    const named = all.filter(([id, { body }]) => body.period === kind && (gate === undefined || id === gate));
    if (named.length === 0)
      throw new DomainError('not_found', 'reporting_gate_not_found', `there is no such reporting gate of a ${kind}`);
    const states: GateState[] = [];
    for (const [id, version] of named) states.push(await this.stateOf(id, version, period));
    return states;
  }

  /** @param each hears of every window of the period, in order, process by process */
  async stateOf(
    gate: string,
    { version, body }: Version<GateDefinition>,
    period: string,
    each: (windows: readonly GateWindow[]) => Promise<void> = async () => undefined,
  ): Promise<GateState> {
    const span = spanOf(period, body.zone);
    const against: AgainstProcess[] = [];
    for (const process of body.processes) {
      const tally = new GateTally(process, span);
      for await (const windows of this.windows(process, span)) {
        for (const window of windows) tally.add(window);
        await each(windows);
      }
      against.push(tally.result());
    }
    return { gate, version, open: isOpen(body, against), ...span, against };
  }

  private async *windows(process: string, { from, to }: Span): AsyncGenerator<GateWindow[]> {
    let page: StandingWindow[] = [];
    for await (const window of this.settlement.windowsWithin(process, from, to)) {
      page.push(window);
      if (page.length < PAGE) continue;
      yield await this.seen(process, page);
      page = [];
    }
    if (page.length > 0) yield await this.seen(process, page);
  }

  private async seen(process: string, page: readonly StandingWindow[]): Promise<GateWindow[]> {
    const ignoring = await this.store.ignoring(
      process,
      page.map(({ reconciliation }) => reconciliation),
    );
    const [ignored, changed] = await Promise.all([
      this.settlement.standing(
        ignoring.map(({ reconciliation, decision }) => ({
          reconciliation,
          acceptance: acceptanceOf(decision, reconciliation),
        })),
      ),
      this.settlement.changed(page),
    ]);
    return page.map((window) => ({
      reconciliation: window.reconciliation,
      from: window.from,
      to: window.to,
      revision: window.revision,
      open: window.open,
      // What came since was not judged: late events of a window that is followed no more, too.
      state: changed.has(window.reconciliation) && window.state !== 'cancelled' ? 'undecided' : stateOf(window),
      ignored: ignored.get(window.reconciliation) ?? 0,
    }));
  }
}

/** Decided is what was judged and is not being judged again. */
function stateOf({ state, revision }: StandingWindow): GateWindow['state'] {
  if (state === 'cancelled') return 'cancelled';
  return revision > 0 && (state === 'gaps' || CLOSED.has(state)) ? 'decided' : 'undecided';
}
