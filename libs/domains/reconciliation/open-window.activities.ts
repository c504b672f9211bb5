import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { DomainError } from '@holdfast/kernel';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { openDueWindows } from '@holdfast/workflows/reconciliation/open-due-windows/contract';
import { openWindow, type WindowToOpen } from '@holdfast/workflows/reconciliation/open-window/contract';
import { dueWindows, reconciliationId, type Window } from './core/window';
import { ReconciliationStore } from './reconciliation.store';

/** The step of opening a window. Only one runs at a process at a time: the workflow's id sees to it. */
@Implements(openWindow)
export class OpenWindowActivities implements ActivitiesOf<typeof openWindow> {
  constructor(private readonly store: ReconciliationStore) {}

  async register({ by, ...window }: WindowToOpen) {
    const id = reconciliationId(window);
    const [known, [verdict]] = await Promise.all([this.store.window(window), this.store.verdicts(id)]);
    if (known) return { id, isNew: false, judged: verdict !== undefined };
    const overlapping = await this.store.overlapping(window);
    if (overlapping !== undefined) {
      throw new DomainError('conflict', 'window_overlaps', `the window shares time with ${overlapping}`, {
        extra: { overlapping },
      });
    }
    await this.store.addWindow(window, id, by, Date.now() * 1000, by === '');
    return { id, isNew: true, judged: false };
  }
}

/** Most windows that one run of a schedule opens; the next run goes on. */
const MOST_WINDOWS = 100;

/** Which windows of a process are due. */
@Implements(openDueWindows)
export class OpenDueWindowsActivities implements ActivitiesOf<typeof openDueWindows> {
  constructor(
    private readonly store: ReconciliationStore,
    private readonly catalog: CatalogService,
  ) {}

  /** Windows that ended since the last one that the schedule opened, after a downtime too; for a new process, since its first definition. */
  async due(id: string): Promise<Window[]> {
    const [process, last] = await Promise.all([this.catalog.findProcess(id), this.store.lastScheduled(id)]);
    if (!process?.window.scheduled) return [];
    const now = Date.now() * 1000;
    const since = last ?? (await this.catalog.process(id)).changedAt - process.window.seconds * 1_000_000;
    return dueWindows(id, process.window.seconds, since, now, MOST_WINDOWS);
  }
}
