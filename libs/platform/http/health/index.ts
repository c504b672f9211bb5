export { HealthModule } from './health.module';
export { HealthService, READINESS_PROBES, type Readiness } from './health.service';
export { HealthServer } from './health-server';
export { ClickHouseProbe, TemporalProbe, type ReadinessProbe } from './probes';
