import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as contract from './contract';

const { watch } = activitiesOf(contract.watchGaps);

export const watchGaps: WorkflowOf<typeof contract.watchGaps> = () => watch(Date.now() * 1000);
