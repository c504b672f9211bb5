import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import * as contract from './contract';

const { addKey, rewrapPage } = activitiesOf(contract.rotateArchiveKeys);

export const rotateArchiveKeys: WorkflowOf<typeof contract.rotateArchiveKeys> = async (rotation) => {
  if (rotation.newKey) await addKey();
  let { wrapped = 0 } = rotation;
  for (let after: string | null = rotation.after ?? ''; ;) {
    const page: contract.RewrappedPage = await rewrapPage(after, Date.now() * 1000);
    wrapped += page.wrapped;
    after = page.next;
    if (after === null) return wrapped;
    if (wf.workflowInfo().continueAsNewSuggested)
      await wf.continueAsNew<typeof rotateArchiveKeys>({ newKey: false, after, wrapped });
  }
};
