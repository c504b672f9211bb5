export { meaning, type Meaning } from './meaning';
export { fromFailure, toFailure } from './failures';
export { problemOf, type Problem } from './problem';
