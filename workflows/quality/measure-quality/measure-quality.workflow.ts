import type { Micros } from '@holdfast/kernel';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import * as wf from '@temporalio/workflow';
import { checkReference } from '../check-reference/contract';
import { evaluateObjective } from '../evaluate-objective/contract';
import * as contract from './contract';

const { refresh, due } = activitiesOf(contract.measureQuality);

/** Documents that are seen to at once. */
const AT_ONCE = 4;

export const measureQuality: WorkflowOf<typeof contract.measureQuality> = async () => {
  const at = now();
  // What fails keeps nothing else from being done.
  const [refreshed, seenTo] = await Promise.allSettled([refresh(at), seeToWhatIsDue(at)]);
  if (refreshed.status === 'rejected') throw refreshed.reason;
  if (seenTo.status === 'rejected') throw seenTo.reason;
  return { hours: refreshed.value, ...seenTo.value };
};

async function seeToWhatIsDue(at: Micros): Promise<{ done: number; failed: number }> {
  const { objectives, references } = await due(at);
  const left = [
    ...objectives.map((id) => ({ contract: evaluateObjective, id })),
    ...references.map((id) => ({ contract: checkReference, id })),
  ];
  const count = { done: 0, failed: 0 };
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) count[await seeTo(next.contract, next.id)]++;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return count;
}

async function seeTo(
  { name, id: idOf }: { readonly name: string; readonly id: (id: string) => string },
  id: string,
): Promise<'done' | 'failed'> {
  try {
    await wf.executeChild(name, { workflowId: idOf(id), args: [id] });
    return 'done';
  } catch (error) {
    if (wf.isCancellation(error)) throw error;
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'done'; // somebody asked for it just now
    wf.log.warn('could not be seen to', { workflow: name, id });
    return 'failed';
  }
}

const now = (): Micros => Date.now() * 1000;
