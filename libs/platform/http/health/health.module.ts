import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { HealthServer } from './health-server';
import { HealthService, READINESS_PROBES } from './health.service';
import type { ReadinessProbe } from './probes';

/** Readiness of a process. The API adds {@link HealthController} to answer on its own port, a worker listens on a port of its own. */
@Module({})
export class HealthModule {
  /** @param imports modules that the probes inject from, where those are not global */
  static of(
    probes: readonly Type<ReadinessProbe>[],
    { controllers = [], imports = [], server = false }: HealthOptions = {},
  ): DynamicModule {
    return {
      module: HealthModule,
      imports: [...imports],
      controllers: [...controllers],
      providers: [
        ...probes,
        { provide: READINESS_PROBES, useFactory: (...all: ReadinessProbe[]) => all, inject: [...probes] },
        HealthService,
        ...(server ? [HealthServer] : []),
      ],
      exports: [HealthService],
    };
  }
}

interface HealthOptions {
  readonly imports?: readonly (Type | DynamicModule)[];
  readonly controllers?: readonly Type[];
  /** Listens on HOLDFAST_HEALTH_PORT, when it is set. */
  readonly server?: boolean;
}
