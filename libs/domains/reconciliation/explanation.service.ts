import { Injectable } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import type { Hop, Process } from '@holdfast/domains/catalog/core/process';
import { hopName, type HopPlace, hopsOf, placeOf } from '@holdfast/domains/catalog/core/topology';
import { DomainError, type Micros } from '@holdfast/kernel';
import { type Cause, causesOf } from './core/causes';
import type { Revision } from './core/revision';
import { type Window, windowOf } from './core/window';
import { EvidenceStore } from './evidence.store';
import { ReconciliationStore } from './reconciliation.store';

/** Keys with discrepancies, and others, that are looked at for what they have in common. */
const MOST_KEYS = 10_000;
const MOST_CAUSES = 20;

/** What became of facts on one hop of a window. */
export interface HopVerdict {
  readonly hop: string;
  readonly place: HopPlace;
  readonly cardinality: Hop['cardinality'];
  readonly from: { readonly stages: readonly string[]; readonly systems: readonly string[]; readonly events: number };
  readonly to: { readonly stages: readonly string[]; readonly systems: readonly string[]; readonly events: number };
  /** By kind. */
  readonly discrepancies: Readonly<Record<string, number>>;
  readonly open: number;
  /** When the first of the events happened that something is wrong with. */
  readonly since: Micros | undefined;
}

export interface CauseFilter {
  readonly kind: string;
  readonly hop: string;
}

/** Says where facts of a window were lost, and what those have in common that were. */
@Injectable()
export class ExplanationService {
  constructor(
    private readonly store: ReconciliationStore,
    private readonly evidence: EvidenceStore,
    private readonly catalog: CatalogService,
  ) {}

  /** In the order of the process; as its document has hops now. @throws DomainError `not_found`, also where nothing was judged yet */
  async hops(id: string): Promise<HopVerdict[]> {
    const { verdict, process } = await this.judged(id);
    const counts = await this.store.countByHop(id, verdict.judgement);
    const side = (stages: readonly string[]) => ({
      stages,
      systems: stages.map((stage) => systemOf(process, stage)),
      events: stages.reduce((sum, stage) => sum + (verdict.stageCounts[stage] ?? 0), 0),
    });
    return hopsOf(process).map((hop) => {
      const own = counts.filter((one) => one.hop === hopName(hop));
      const holding = own.filter(({ kind }) => kind !== 'late');
      return {
        hop: hopName(hop),
        place: placeOf(hop, process),
        cardinality: hop.cardinality,
        from: side(hop.from),
        to: side(hop.to),
        discrepancies: Object.fromEntries(own.map(({ kind, found }) => [kind, found])),
        open: holding.reduce((sum, { open }) => sum + open, 0),
        since: own.length === 0 ? undefined : Math.min(...own.map(({ since }) => since)),
      };
    });
  }

  /** @throws DomainError `not_found`, also where nothing was judged yet */
  async causes(id: string, filter: CauseFilter): Promise<{ keys: number; causes: Cause[] }> {
    const { window, verdict } = await this.judged(id);
    const events = Math.max(0, ...Object.values(verdict.stageCounts));
    const asked = {
      ...window,
      ...filter,
      reconciliation: id,
      judgement: verdict.judgement,
      most: MOST_KEYS,
      sample: Math.max(1, Math.ceil(events / MOST_KEYS)),
    };
    const totals = await this.evidence.keysCompared(asked);
    if (totals.keys === 0) return { keys: 0, causes: [] };
    const least = Math.max(1, Math.ceil(totals.keys / 20));
    return {
      keys: totals.keys,
      causes: causesOf(await this.evidence.commonalities({ ...asked, least }), totals, MOST_CAUSES),
    };
  }

  private async judged(id: string): Promise<{ window: Window; verdict: Revision; process: Process }> {
    const window = windowOf(id);
    if (!window || !(await this.store.window(window)))
      throw new DomainError('not_found', 'reconciliation_not_found', 'there is no such reconciliation');
    const [[verdict], process] = await Promise.all([this.store.verdicts(id), this.catalog.findProcess(window.process)]);
    if (!verdict || !process)
      throw new DomainError('not_found', 'revision_not_found', 'the window has not been judged yet');
    return { window, verdict, process };
  }
}

const systemOf = ({ stages }: Process, id: string): string => stages.find((stage) => stage.id === id)?.system ?? id;
