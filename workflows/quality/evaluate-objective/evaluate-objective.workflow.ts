import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as contract from './contract';

const { evaluate } = activitiesOf(contract.evaluateObjective);

export const evaluateObjective: WorkflowOf<typeof contract.evaluateObjective> = (objective) =>
  evaluate(objective, Date.now() * 1000);
