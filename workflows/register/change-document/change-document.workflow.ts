import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as contract from './contract';

const { commit } = activitiesOf(contract.changeDocument);

export const changeDocument: WorkflowOf<typeof contract.changeDocument> = (change) => commit(change);
