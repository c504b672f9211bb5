import { reconciliationId, type Window } from '@holdfast/domains/reconciliation/core/window';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import { openAsChild } from '../open-window/as-child';
import * as contract from './contract';

const { next, judged, record } = activitiesOf(contract.backfillWindows);

/** Pauses between looks at what is being judged: they grow while nothing is. Milliseconds. */
const SHORTEST_PAUSE = 250;
const LONGEST_PAUSE = 15_000;
const GROWTH = 1.5;

export const backfillWindows: WorkflowOf<typeof contract.backfillWindows> = async (input) => {
  const { place: _place, underWay: _underWay, progress: _progress, seq: _seq, ...terms } = input;
  let { place, underWay, progress, seq } = input;
  let waiting: Window[] = [];
  let isAtEnd = false;
  let stopped = false;
  let pause = SHORTEST_PAUSE;
  const isStopped = (): boolean => stopped;
  wf.setHandler(contract.stop, () => void (stopped = true));
  wf.setHandler(contract.progress, () => progress);
  const tell = (state: 'running' | 'done' | 'stopped'): Promise<void> =>
    record(terms.backfill, (seq += 1), state, progress);

  const isOver = (): boolean => isStopped() || (isAtEnd && waiting.length + underWay.length === 0);
  const isDry = (): boolean => !isAtEnd && waiting.length === 0;

  while (!isOver()) {
    if (isDry()) await look();
    await openMore();
    if (await settle()) await tell('running');
    if (wf.workflowInfo().continueAsNewSuggested && !isStopped())
      await wf.continueAsNew<typeof backfillWindows>({
        ...terms,
        place: waiting[0]?.from ?? place,
        underWay,
        progress,
        seq,
      });
  }
  await tell(isStopped() ? 'stopped' : 'done');
  return progress;

  async function look(): Promise<void> {
    const found = await next(terms, place, terms.atOnce);
    ({ place } = found);
    progress = { ...progress, passed: progress.passed + found.passed };
    waiting = found.windows;
    ({ isAtEnd } = found);
  }

  async function openMore(): Promise<void> {
    while (!isStopped() && waiting.length > 0 && underWay.length < terms.atOnce) {
      const [window, ...rest] = waiting;
      waiting = rest;
      if (await openAsChild(window!, terms.by)) {
        underWay = [...underWay, window!];
        progress = { ...progress, opened: progress.opened + 1 };
      } else progress = { ...progress, passed: progress.passed + 1 };
    }
  }

  /** Waits a while for those that are being judged. @returns whether any of them was */
  async function settle(): Promise<boolean> {
    if (underWay.length === 0) return false;
    await wf.condition(isStopped, pause);
    const ended = await judged(underWay);
    pause = ended.length > 0 ? SHORTEST_PAUSE : Math.min(LONGEST_PAUSE, pause * GROWTH);
    if (ended.length === 0) return false;
    const names = new Set(ended.map(({ window }) => reconciliationId(window)));
    underWay = underWay.filter((window) => !names.has(reconciliationId(window)));
    progress = {
      ...progress,
      judged: progress.judged + ended.length,
      withGaps: progress.withGaps + ended.filter(({ hasGaps }) => hasGaps).length,
    };
    return true;
  }
};
