import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { reconcileWindow } from '../reconcile-window/contract';
import * as contract from './contract';

const { register } = activitiesOf(contract.openWindow);

export const openWindow: WorkflowOf<typeof contract.openWindow> = async (asked) => {
  const { begun, ...opened } = await register(asked);
  // A window of which nothing was told yet may have lost its workflow between the two steps: starting it again is safe, its id is a lock.
  if (!begun) await startWindow(asked);
  return opened;
};

async function startWindow({ process, from, to }: contract.WindowToOpen): Promise<void> {
  const window = { process, from, to };
  try {
    await startChild(reconcileWindow.name, {
      workflowId: reconcileWindow.id(window),
      args: [window],
      parentClosePolicy: ParentClosePolicy.ABANDON,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
