import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as contract from './contract';

const { link, note } = activitiesOf(contract.followIncident);

export const followIncident: WorkflowOf<typeof contract.followIncident> = ({ alertId, seq, dedupKey }) =>
  dedupKey === '' ? note({ alertId, seq }) : link(dedupKey);
