import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { DomainError, type Micros } from '@holdfast/kernel';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { backfillWindows } from '@holdfast/workflows/reconciliation/backfill-windows/contract';
import type { BackfillProgress, BackfillState, BackfillTerms } from '../core/backfill';
import { CLOSED, reconciliationId, type Window } from '../core/window';
import { EvidenceStore } from '../evidence.store';
import { ReconciliationStore } from '../reconciliation.store';
import { pastWindows } from '../window-terms';
import { BackfillStore } from './backfill.store';

/** Windows of the past that are looked at by one query. */
const PAGE = 1_000;
/** After so long a look says how far it came. */
const LOOK_MS = 10_000;

/** Steps of a back-fill. */
@Implements(backfillWindows)
export class BackfillActivities implements ActivitiesOf<typeof backfillWindows> {
  constructor(
    private readonly store: BackfillStore,
    private readonly windows: ReconciliationStore,
    private readonly evidence: EvidenceStore,
    private readonly catalog: CatalogService,
  ) {}

  async next({ process: id, to }: BackfillTerms, from: Micros, limit: number) {
    const process = await this.catalog.findProcess(id);
    if (!process) throw new DomainError('not_found', 'process_not_found', 'there is no such process');
    const { opensOn, every } = process.window;
    const enough = Date.now() + LOOK_MS;
    let place = from;
    for (let passed = 0; ;) {
      const ends = opensOn && (await this.evidence.batchEnds(id, opensOn, place, PAGE));
      const found = pastWindows(process, place, to, PAGE, ends ?? []);
      const [first, last] = [found[0], found.at(-1)];
      if (!first || !last) return { windows: [], passed, place: to, isAtEnd: true };
      const opened = await this.windows.opened(id, first.from, last.to);
      const isTaken = (one: Window): boolean =>
        opened.some(({ from: begun, to: end }) =>
          every === undefined ? begun < one.to && end > one.from : begun === one.from && end === one.to,
        );
      const windows: Window[] = [];
      for (const one of found) {
        if (isTaken(one)) passed++;
        else windows.push(one);
        place = every === undefined ? one.to : one.from + every * 1_000_000;
        if (windows.length === limit) break;
      }
      if (windows.length > 0 || Date.now() > enough) return { windows, passed, place, isAtEnd: false };
    }
  }

  async judged(windows: readonly Window[]) {
    const standings = await Promise.all(
      windows.map(async (window) => ({ window, last: await this.windows.lastTransition(reconciliationId(window)) })),
    );
    return standings.flatMap(({ window, last }) => {
      if (!last || !(last.state === 'gaps' || CLOSED.has(last.state))) return [];
      return [{ window, hasGaps: last.state === 'gaps' }];
    });
  }

  async record(backfill: string, seq: number, state: BackfillState, progress: BackfillProgress): Promise<void> {
    const known = (await this.store.find(backfill))!;
    await this.store.record(known, seq, state, progress, Date.now() * 1000);
  }
}
