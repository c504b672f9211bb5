import type { ReplayProgress } from '@holdfast/domains/tracking/core/quarantine';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import * as contract from './contract';

const { replayPage, record } = activitiesOf(contract.replayQuarantine);

/** Pages after which people see how far it is. */
const SHOWN_EVERY = 10;

export const replayQuarantine: WorkflowOf<typeof contract.replayQuarantine> = async (input) => {
  const { replay } = input;
  let { from, progress, pages } = input;
  let stopped = false;
  const isStopped = (): boolean => stopped;
  wf.setHandler(contract.stop, () => {
    stopped = true;
  });
  wf.setHandler(contract.progress, () => progress);
  while (!isStopped()) {
    const page = await replayPage(replay, from);
    progress = sum(progress, page);
    pages++;
    if (!page.next) {
      await record(replay, pages, 'done', progress);
      return progress;
    }
    from = page.next;
    if (pages % SHOWN_EVERY === 0) await record(replay, pages, 'running', progress);
    if (!isStopped() && wf.workflowInfo().continueAsNewSuggested)
      await wf.continueAsNew<typeof replayQuarantine>({ replay, from, progress, pages });
  }
  await record(replay, pages + 1, 'stopped', progress);
  return progress;
};

const sum = (a: ReplayProgress, b: ReplayProgress): ReplayProgress => ({
  released: a.released + b.released,
  stillBad: a.stillBad + b.stillBad,
  gone: a.gone + b.gone,
});
