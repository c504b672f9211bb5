export { call, withSecrets, type Call, type CallAnswer } from './call';
export { CircuitBreaker, CircuitOpenError } from './circuit-breaker';
export { DeliveryError, type DeliveryErrorDetails, type DeliveryErrorKind } from './delivery-error';
export { backoffMs, retryAfterMs } from './retry';
export { systemTiming, type Timing } from './timing';
export { KeyedTokenBucket } from './token-bucket';
