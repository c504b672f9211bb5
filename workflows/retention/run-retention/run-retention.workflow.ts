import { sagaWorkflow, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as contract from './contract';

export const runRetention: WorkflowOf<typeof contract.runRetention> = sagaWorkflow(contract.runRetention);
