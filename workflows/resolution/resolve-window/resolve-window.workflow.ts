import { decisionOf, type RuleTally } from '@holdfast/domains/resolution/core/decided';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import { replayFromSource } from '../replay-from-source/contract';
import * as contract from './contract';

const { begin, decide } = activitiesOf(contract.resolveWindow);

export const resolveWindow: WorkflowOf<typeof contract.resolveWindow> = async (asked) => {
  const pass = await begin(asked, Date.now() * 1000);
  if (!pass) return null;
  const resolved = await decide(pass);
  const replays = resolved.tallies.filter(({ action }) => action === 'replay');
  await Promise.all(replays.map((tally) => startReplay(pass, tally)));
  return resolved;
};

/** A replay goes on by itself: the window is not kept from hearing of late events while a source takes its time. */
async function startReplay({ window, judgement, at }: contract.Pass, tally: RuleTally): Promise<void> {
  const { rule, version } = tally;
  const replay = { window, decision: decisionOf(judgement, tally, at), rule, version };
  await wf.startChild(replayFromSource.name, {
    workflowId: replayFromSource.id(replay),
    args: [replay],
    parentClosePolicy: wf.ParentClosePolicy.ABANDON,
  });
}
