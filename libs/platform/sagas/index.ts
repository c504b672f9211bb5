export type { SagaProgress } from './progress';
export { SagaDesk } from './saga-desk';
export { SagaJournal } from './saga-journal';
export { SAGA_PROBLEMS } from './saga.problems';
