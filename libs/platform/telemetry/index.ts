export { context, withContext, type CallContext } from './context';
export { JsonLogger } from './logger';
export { newTraceparent } from './trace';
