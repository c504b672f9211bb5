import type { Window } from '@holdfast/domains/reconciliation/core/window';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import { ApplicationFailure, ChildWorkflowFailure, executeChild, sleep } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { openWindow } from '../open-window/contract';
import * as contract from './contract';

const { due } = activitiesOf(contract.openDueWindows);

export const openDueWindows: WorkflowOf<typeof contract.openDueWindows> = async (process) => {
  let opened = 0;
  for (let windows = await due(process); windows.length > 0;) {
    const [window, ...rest] = windows;
    if (await open(window!)) {
      opened++;
      windows = rest;
    } else windows = await due(process); // what is free has changed
  }
  return opened;
};

/** False when somebody has just opened a window that overlaps: theirs stands. */
async function open(window: Window): Promise<boolean> {
  const asked = { ...window, by: '' };
  for (;;) {
    try {
      await executeChild(openWindow.name, { workflowId: openWindow.id(asked), args: [asked] });
      return true;
    } catch (error) {
      if (isOverlap(error)) return false;
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await sleep('1s'); // another window of the process is just being opened
    }
  }
}

const isOverlap = (error: unknown): boolean => {
  for (let cause = error; cause instanceof ChildWorkflowFailure || cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure && cause.type === 'window_overlaps') return true;
  }
  return false;
};
