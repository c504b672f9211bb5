export { activity, defineWorkflow } from './contract';
export type {
  ActivitiesOf,
  ActivityTerms,
  AnyContract,
  ContractNames,
  TaskQueue,
  WorkflowContract,
  WorkflowOf,
} from './contract';
export { activitiesOf } from './activities';
export { TRACE_HEADER } from './trace';
