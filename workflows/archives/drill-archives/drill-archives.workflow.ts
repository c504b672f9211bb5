import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as contract from './contract';

const { choose, drill, record } = activitiesOf(contract.drillArchives);

export const drillArchives: WorkflowOf<typeof contract.drillArchives> = async () => {
  const archive = await choose();
  if (archive === '') return archive;
  const found = await drill(archive);
  await record(archive, found, Date.now() * 1000);
  return archive;
};
