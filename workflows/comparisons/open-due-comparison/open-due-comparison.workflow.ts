import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import * as wf from '@temporalio/workflow';
import { compareDataSets } from '../compare-data-sets/contract';
import * as contract from './contract';

const { open } = activitiesOf(contract.openDueComparison);

export const openDueComparison: WorkflowOf<typeof contract.openDueComparison> = async (definition) => {
  const comparison = await open(definition, Date.now() * 1000);
  if (comparison === null) return false;
  try {
    await wf.startChild(compareDataSets.name, {
      workflowId: compareDataSets.id(comparison),
      args: [comparison],
      parentClosePolicy: 'ABANDON',
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false; // it is under way
    throw error;
  }
};
