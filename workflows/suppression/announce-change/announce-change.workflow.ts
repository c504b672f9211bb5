import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as contract from './contract';

const { announce } = activitiesOf(contract.announceChange);

export const announceChange: WorkflowOf<typeof contract.announceChange> = (told) => announce(told);
