import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as contract from './contract';

const { verify, settle } = activitiesOf(contract.verifyArchive);

export const verifyArchive: WorkflowOf<typeof contract.verifyArchive> = async (archive) => {
  const found = await verify(archive);
  await settle(archive, found, Date.now() * 1000);
  return found;
};
