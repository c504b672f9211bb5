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
export { defineSaga, OVER } from './saga';
export type {
  AnySaga,
  Counts,
  SagaContract,
  SagaEntry,
  SagaInput,
  SagaState,
  SagaStep,
  Step,
  StepCall,
  StepOutcome,
} from './saga';
export { answerSaga, sagaWorkflow, steerSaga } from './run-saga';
