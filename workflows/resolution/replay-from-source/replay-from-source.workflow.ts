import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import { judgeAgain, reconcileWindow } from '../../reconciliation/reconcile-window/contract';
import * as contract from './contract';

const { send, record } = activitiesOf(contract.replayFromSource);

export const replayFromSource: WorkflowOf<typeof contract.replayFromSource> = async (replay) => {
  let { after, batches, keys } = replay.progress ?? { after: '', batches: 0, keys: 0 };
  let settleSeconds = 0;
  let outcome: contract.ReplayOutcome = 'sent';
  try {
    for (;;) {
      const batch = await send(replay, after);
      settleSeconds = batch.settleSeconds;
      [batches, keys] = [batches + 1, keys + batch.keys];
      if (batch.next === null) break;
      after = batch.next;
      if (wf.workflowInfo().continueAsNewSuggested)
        await wf.continueAsNew<typeof replayFromSource>({ ...replay, progress: { after, batches, keys } });
    }
  } catch (error) {
    if (wf.isCancellation(error) || error instanceof wf.ContinueAsNew) throw error;
    outcome = 'failed'; // the source refused, or could not be reached for all tries: the rules answer otherwise from now on
  }
  if (outcome === 'sent') await wf.sleep(settleSeconds * 1000);
  await record(replay, outcome); // from now on it is under way no more
  await judgeWindow(replay);
  return outcome;
};

async function judgeWindow({ window }: contract.Replay): Promise<void> {
  try {
    await wf.getExternalWorkflowHandle(reconcileWindow.id(window)).signal(judgeAgain, '');
  } catch (error) {
    if (wf.isCancellation(error)) throw error;
    wf.log.info('the window is closed already'); // what was sent again healed it
  }
}
