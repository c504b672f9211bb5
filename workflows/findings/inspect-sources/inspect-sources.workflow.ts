import type { Micros } from '@holdfast/kernel';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as contract from './contract';

const { inspect, settleAlerts } = activitiesOf(contract.inspectSources);

export const inspectSources: WorkflowOf<typeof contract.inspectSources> = async () => {
  const at = now();
  // One that fails keeps neither the others nor the alerts of what they found.
  const inspections = await Promise.allSettled(contract.INSPECTIONS.map((name) => inspect(name, at)));
  // State against state, so that a crash costs a round; what is more than a round takes waits for the next one.
  await settleAlerts(now());
  const failed = inspections.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return inspections.reduce((sum, one) => sum + (one.status === 'fulfilled' ? one.value : 0), 0);
};

const now = (): Micros => Date.now() * 1000;
