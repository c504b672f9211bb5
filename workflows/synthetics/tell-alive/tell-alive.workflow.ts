import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as contract from './contract';

const { check, tell } = activitiesOf(contract.tellAlive);

export const tellAlive: WorkflowOf<typeof contract.tellAlive> = async () => {
  const broken = await check(Date.now() * 1000);
  // Silence is the message: whoever listens outside pages for it.
  if (broken === '') await tell();
  return broken;
};
