import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import * as wf from '@temporalio/workflow';
import * as contract from './contract';

const { compare, giveUp, report } = activitiesOf(contract.compareDataSets);

export const compareDataSets: WorkflowOf<typeof contract.compareDataSets> = async (comparison) => {
  let stopped = false;
  const comparing = new wf.CancellationScope();
  wf.setHandler(contract.stop, () => {
    stopped = true;
    comparing.cancel();
  });
  const compared = await compareOrGiveUp();
  await report(comparison);
  return compared;

  async function compareOrGiveUp(): Promise<contract.Compared> {
    try {
      return await comparing.run(() => compare(comparison));
    } catch (error) {
      const state = stopped ? 'stopped' : 'failed';
      if (!stopped && wf.isCancellation(error)) throw error;
      await giveUp(comparison, state, codeOf(error));
      return { state, differences: 0 };
    }
  }
};

/** The code of what the last try ended with. */
function codeOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? (cause.type ?? 'fault') : 'fault';
}
