export { DomainError, invalid, type ErrorDetails, type ErrorKind, type FieldProblem } from './errors';
export { formatInstant, microsOf, parseInstant, type Micros } from './instant';
export { newId } from './ids';
export { Recent } from './recent';
