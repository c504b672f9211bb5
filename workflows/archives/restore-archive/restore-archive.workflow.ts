import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import * as contract from './contract';

const { begin, fill, settle, expire } = activitiesOf(contract.restoreArchive);

/** Between questions whether a hold is over. */
const HELD = '6 hours';

export const restoreArchive: WorkflowOf<typeof contract.restoreArchive> = async (restore) => {
  await begin(restore, now());
  const found = await fill(restore.restore, restore.archive);
  await settle(restore.restore, found, now());
  if (found.fault !== '') return found;
  await wf.sleep(Math.max(1, restore.expiresAt / 1000 - Date.now()));
  while (!(await expire(restore.restore, now()))) {
    await wf.sleep(HELD);
    if (wf.workflowInfo().continueAsNewSuggested) await wf.continueAsNew<typeof restoreArchive>(restore);
  }
  return found;
};

const now = (): number => Date.now() * 1000;
