export { HealthModule } from './health.module';
export { ClickHouseProbe, TemporalProbe, type ReadinessProbe } from './probes';
