export { NotAcquiredError, type AcquireOptions, type OnProgress } from './acquisition';
export {
  planTemporalServer,
  startTemporalServer,
  type PlannedTemporalServer,
  type TemporalServer,
  type TemporalServerOptions,
} from './dev-server';
export { temporalReady, type SearchAttributes } from './readiness';
export { acquireTemporal, configuredTemporalAddress, TEMPORAL_CLI_VERSION } from './temporal-cli';
export { acquireTimeSkippingServer, TEST_SERVER_VERSION } from './time-skipping-server';
