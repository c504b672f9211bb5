export { type AcquireOptions, type OnProgress } from './acquisition';
export {
  planTemporalServer,
  startTemporalServer,
  type PlannedTemporalServer,
  type TemporalServer,
  type TemporalServerOptions,
} from './dev-server';
export { temporalReady } from './readiness';
export { acquireTemporal } from './temporal-cli';
export { acquireTimeSkippingServer } from './time-skipping-server';
