export { DomainError, invalid, type ErrorDetails, type ErrorKind, type FieldProblem } from './errors';
export { formatInstant, microsOf, parseInstant, type Micros } from './instant';
export { aligned, type Decimal, decimalOf, decimalText, rounded, scaled, sumOf } from './decimal';
export { newId } from './ids';
export { inTime, LastKnown } from './last-known';
export { Recent } from './recent';
export { Batched } from './batched';
export { type Wall, ZoneClock } from './zone-clock';
