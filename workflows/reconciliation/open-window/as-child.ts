import type { Window } from '@holdfast/domains/reconciliation/core/window';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ApplicationFailure, ChildWorkflowFailure, executeChild, sleep } from '@temporalio/workflow';
import { openWindow } from './contract';

/**
 * Opens a window from within a workflow.
 * @param by the principal who asked; '' for a schedule
 * @returns false when somebody has opened a window that shares time with it: theirs stands
 */
export async function openAsChild(window: Window, by = ''): Promise<boolean> {
  const asked = { ...window, by };
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
