import type { Micros } from '@holdfast/kernel';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as contract from './contract';

const { evaluate, settle } = activitiesOf(contract.evaluateRules);

export const evaluateRules: WorkflowOf<typeof contract.evaluateRules> = async () => {
  // A round that fails keeps nobody from hearing what the last one came to.
  const [round] = await Promise.allSettled([evaluate(now())]);
  await settle(now());
  if (round.status === 'rejected') throw round.reason;
  return round.value.firing;
};

const now = (): Micros => Date.now() * 1000;
