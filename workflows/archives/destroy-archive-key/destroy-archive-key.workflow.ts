import type { DestructionState } from '@holdfast/domains/archives/core/archive';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import * as contract from './contract';

const { record, destroy } = activitiesOf(contract.destroyArchiveKey);

export const destroyArchiveKey: WorkflowOf<typeof contract.destroyArchiveKey> = async (request) => {
  const { keyId, requestedBy, approveBy } = request;
  let state: DestructionState = 'requested';
  wf.setHandler<DestructionState, ['approved' | 'refused', string], typeof contract.answerDestruction>(
    contract.answerDestruction,
    async (answer, by) => {
      mayAnswer(by);
      state = answer;
      await record(keyId, answer, by, now());
      return answer;
    },
    { validator: (_, by) => mayAnswer(by) },
  );
  await wf.condition(() => state !== 'requested', Math.max(1, approveBy / 1000 - Date.now()));
  if (isOpen()) {
    state = 'lapsed';
    await record(keyId, state, '', now());
  }
  await wf.condition(wf.allHandlersFinished);
  if (!isApproved()) return state;
  await destroy(keyId, now());
  await record(keyId, 'destroyed', '', now());
  return 'destroyed';

  // By functions: handlers change it while the workflow waits.
  function isOpen(): boolean {
    return state === 'requested';
  }
  function isApproved(): boolean {
    return state === 'approved';
  }
  function mayAnswer(by: string): void {
    if (!isOpen()) throw refusal('destruction_closed', 'the request waits for nobody any more');
    if (by === requestedBy) throw refusal('own_request', 'somebody else has to approve or refuse it');
  }
};

const now = (): number => Date.now() * 1000;
const refusal = (code: string, text: string): wf.ApplicationFailure =>
  wf.ApplicationFailure.nonRetryable(text, code, 'conflict');
