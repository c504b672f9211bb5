import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as contract from './contract';

const { check } = activitiesOf(contract.checkReference);

export const checkReference: WorkflowOf<typeof contract.checkReference> = (reference) =>
  check(reference, Date.now() * 1000);
