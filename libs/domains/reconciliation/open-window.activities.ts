import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { DomainError, type Micros } from '@holdfast/kernel';
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
    const [known, overlapping, told] = await Promise.all([
      this.store.window(window),
      this.store.overlapping(window),
      this.store.lastTransition(id),
    ]);
    if (known) return { id, isNew: false, begun: told !== undefined };
    if (overlapping !== undefined) {
      throw new DomainError('conflict', 'window_overlaps', `the window shares time with ${overlapping}`, {
        extra: { overlapping },
      });
    }
    await this.store.addWindow(window, id, by, Date.now() * 1000, by === '');
    return { id, isNew: true, begun: false };
  }
}

/** Most windows that one run of a schedule opens; the next run goes on. */
const MOST_WINDOWS = 100;

/** Due windows that share time with no other. Those that do are passed over here: a long one that somebody opened must not use up a run's windows. */
function freeWindows(
  process: string,
  seconds: number,
  since: Micros,
  now: Micros,
  taken: readonly Pick<Window, 'from' | 'to'>[],
): Window[] {
  const free: Window[] = [];
  for (let from = since; ;) {
    const due = dueWindows(process, seconds, from, now, MOST_WINDOWS);
    free.push(...due.filter((one) => !taken.some((other) => one.from < other.to && other.from < one.to)));
    if (due.length < MOST_WINDOWS || free.length >= MOST_WINDOWS) return free.slice(0, MOST_WINDOWS);
    from = due.at(-1)!.to;
  }
}

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
    const taken = await this.store.taken(id, since);
    return freeWindows(id, process.window.seconds, since, now, taken);
  }
}
