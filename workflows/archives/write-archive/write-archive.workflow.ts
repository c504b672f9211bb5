import { verifyArchive } from '../verify-archive/contract';
import type { Verification } from '@holdfast/domains/archives/core/archive';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import * as contract from './contract';

const { plan, writeObject, finish, lock } = activitiesOf(contract.writeArchive);

export const writeArchive: WorkflowOf<typeof contract.writeArchive> = async ({ from = 0, ...request }) => {
  const { archive } = request;
  const objects = await plan(request, now());
  for (let number = from; number < objects; number++) {
    if (wf.workflowInfo().continueAsNewSuggested)
      await wf.continueAsNew<typeof writeArchive>({ ...request, from: number });
    await writeObject(archive, number, now());
  }
  await finish(archive, now());
  const found = await wf.executeChild<(archive: string) => Promise<Verification>>(verifyArchive.name, {
    args: [archive],
    workflowId: verifyArchive.id(archive),
    taskQueue: 'control',
  });
  // Nothing that cannot be read is kept for years.
  if (found.fault === '') await lock(archive);
  return found;
};

const now = (): number => Date.now() * 1000;
