import { alertOf, type OwedAlert, type OwedEnd } from '@holdfast/domains/findings/core/finding';
import type { Micros } from '@holdfast/kernel';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import * as wf from '@temporalio/workflow';
import { escalateAlert, resolve, workflowIdOf } from '../../alerting/escalate-alert/contract';
import * as contract from './contract';

const { inspect, owed, settle } = activitiesOf(contract.inspectSources);

export const inspectSources: WorkflowOf<typeof contract.inspectSources> = async () => {
  const at = now();
  // One that fails keeps neither the others nor the alerts of what they found.
  const inspections = await Promise.allSettled(contract.INSPECTIONS.map((name) => inspect(name, at)));
  await settleAlerts();
  const failed = inspections.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return inspections.reduce((sum, one) => sum + (one.status === 'fulfilled' ? one.value : 0), 0);
};

/**
 * Raises and ends what is owed, whoever closed the findings: state against state, so that a crash costs a round. One round a run: a run has so many children
 * at most, and what is more waits for the next one.
 */
async function settleAlerts(): Promise<void> {
  const left = await owed(now());
  if (left.raise.length + left.end.length === 0) return;
  await Promise.all([...left.raise.map(raise), ...left.end.map(end)]);
  await settle({ raised: left.raise.map(nameOf), ended: left.end.map(nameOf) }, now());
}

async function raise(one: OwedAlert): Promise<void> {
  const alert = alertOf(one);
  try {
    await wf.startChild(escalateAlert.name, {
      workflowId: escalateAlert.id(alert),
      args: [alert],
      parentClosePolicy: wf.ParentClosePolicy.ABANDON,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error; // raised before the round was cut short
  }
}

async function end({ alertId, by, reason }: OwedEnd): Promise<void> {
  try {
    await wf.getExternalWorkflowHandle(workflowIdOf(alertId)).signal(resolve, { by, reason, at: now() });
  } catch (error) {
    if (wf.isCancellation(error)) throw error;
    wf.log.info('the alert has ended already', { alertId }); // somebody resolved it
  }
}

const now = (): Micros => Date.now() * 1000;
const nameOf = ({ finding, alertId }: { finding: string; alertId: string }) => ({ finding, alertId });
