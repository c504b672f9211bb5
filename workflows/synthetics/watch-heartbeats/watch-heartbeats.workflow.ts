import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as contract from './contract';

const { watch } = activitiesOf(contract.watchHeartbeats);

export const watchHeartbeats: WorkflowOf<typeof contract.watchHeartbeats> = () => watch(Date.now() * 1000);
