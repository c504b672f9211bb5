import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { DomainError, type Micros } from '@holdfast/kernel';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { openDueWindows } from '@holdfast/workflows/reconciliation/open-due-windows/contract';
import { openWindow, type WindowToOpen } from '@holdfast/workflows/reconciliation/open-window/contract';
import { batchCells, type CellAt, dueWindows, reconciliationId, slidingWindows, type Window } from './core/window';
import { EvidenceStore } from './evidence.store';
import { ReconciliationStore } from './reconciliation.store';
import { cellsOf } from './window-terms';

/** The step of opening a window. Only one runs at a process at a time: the workflow's id sees to it. */
@Implements(openWindow)
export class OpenWindowActivities implements ActivitiesOf<typeof openWindow> {
  constructor(
    private readonly store: ReconciliationStore,
    private readonly catalog: CatalogService,
  ) {}

  async register({ by, ...window }: WindowToOpen) {
    const id = reconciliationId(window);
    const overlapping = await this.overlapping(window);
    if (overlapping === id) return { id, isNew: false, begun: (await this.store.lastTransition(id)) !== undefined };
    if (overlapping !== undefined) {
      throw new DomainError('conflict', 'window_overlaps', `the window shares time with ${overlapping}`, {
        extra: { overlapping },
      });
    }
    await this.store.addWindow(window, id, by, Date.now() * 1000, by === '');
    return { id, isNew: true, begun: false };
  }

  /** A window that stands in the way of this one, or is it. Those of a process whose windows slide share time by nature. */
  private async overlapping(window: Window): Promise<string | undefined> {
    const process = await this.catalog.findProcess(window.process);
    if (process?.window.every === undefined) return this.store.overlapping(window);
    return (await this.store.window(window))?.reconciliation;
  }
}

/** Most windows that one run of a schedule opens; the next run goes on. */
const MOST_WINDOWS = 100;
/** Ends of batches, and windows that slide, that are looked through for those that nobody has opened. */
const MOST_LOOKED_AT = 10_000;

/** Versions of a process that are read at once. */
const VERSIONS = 100;

/** Which windows of a process are due. */
@Implements(openDueWindows)
export class OpenDueWindowsActivities implements ActivitiesOf<typeof openDueWindows> {
  constructor(
    private readonly store: ReconciliationStore,
    private readonly evidence: EvidenceStore,
    private readonly catalog: CatalogService,
  ) {}

  /** What has ended since the schedule came by last, after a downtime too, and nobody has opened. */
  async due(id: string): Promise<Window[]> {
    const process = await this.catalog.findProcess(id);
    if (!process?.window.scheduled) return [];
    const { window: terms } = process;
    const now = Date.now() * 1000;
    const since = await this.since(id, cellsOf(terms));
    const taken = await this.store.taken(id, since);
    if (terms.opensOn) {
      const ends = await this.evidence.batchEnds(id, terms.opensOn, since, MOST_LOOKED_AT);
      const { cellOf, last } = batchCells(ends, since);
      return dueWindows(id, cellOf, since, last, taken, MOST_WINDOWS);
    }
    if (terms.every !== undefined) {
      const known = new Set(taken.map(({ from, to }) => `${from}/${to}`));
      const sliding = { seconds: terms.seconds!, every: terms.every };
      return slidingWindows(id, sliding, since, now, MOST_LOOKED_AT)
        .filter(({ from, to }) => !known.has(`${from}/${to}`))
        .slice(0, MOST_WINDOWS);
    }
    return dueWindows(id, cellsOf(terms), since, now, taken, MOST_WINDOWS);
  }

  /**
   * Where the schedule goes on: at the end of the last window that it opened. A process that is scheduled for the first time, or again after a version that was
   * not, begins with the cell of the grid in which that was changed: what ended before is nobody's to judge.
   */
  private async since(id: string, cellOf: CellAt): Promise<Micros> {
    const last = await this.store.lastScheduled(id);
    let switchedOn = Infinity;
    for (let before = 4_294_967_295; ;) {
      const page = await this.catalog.history(id, before, VERSIONS);
      for (const { version, body, changedAt } of page) {
        const begins = cellOf(switchedOn).from;
        if (!body.window.scheduled) return Math.max(last ?? begins, begins);
        if (last !== undefined && changedAt <= last) return last;
        [switchedOn, before] = [changedAt, version];
      }
      if (page.length < VERSIONS) return last ?? cellOf(switchedOn).from;
    }
  }
}
