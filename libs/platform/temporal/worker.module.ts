import { setTimeout as pause } from 'node:timers/promises';
import {
  type DynamicModule,
  Inject,
  Injectable,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import type { TaskQueue } from '@holdfast/platform/workflow-kit';
import { bundlePath } from './bundle';
import type { NativeConnection, Worker, WorkerOptions } from '@temporalio/worker';
import { activityCalls } from './activity-calls';
import { contractOf } from './implements';

/** Loaded when a worker is made: it takes a while, and processes that only start workflows import this module too. */
// eslint-disable-next-line @typescript-eslint/no-require-imports -- import() of a package needs no less of it, and is not synchronous
const sdkWorker = () => require('@temporalio/worker') as typeof import('@temporalio/worker');

type Activity = (...args: unknown[]) => Promise<unknown>;

/** How much of each kind of work one process takes on. */
const CAPACITY: Readonly<Record<TaskQueue, Partial<WorkerOptions>>> = {
  control: { maxConcurrentActivityTaskExecutions: 50, maxCachedWorkflows: 200 },
  // Each reads a whole window. One that is cancelled hears of it with its next heartbeat.
  bulk: { maxConcurrentActivityTaskExecutions: 2, maxHeartbeatThrottleInterval: '1s' },
  // Beside windows, and never in their place.
  inspection: { maxConcurrentActivityTaskExecutions: 1, maxHeartbeatThrottleInterval: '1s' },
  // Each reads other stores for minutes or hours, with memory of its own for files.
  comparisons: { maxConcurrentActivityTaskExecutions: 2, maxHeartbeatThrottleInterval: '1s' },
  // Each passes a part of the log through sealing, on as many processors as the engine likes.
  archives: { maxConcurrentActivityTaskExecutions: 2, maxHeartbeatThrottleInterval: '1s' },
  outbound: { maxConcurrentActivityTaskExecutions: 50 },
  // Records beside those that come by HTTP.
  intake: { maxConcurrentActivityTaskExecutions: 2 },
};

/** What a process runs workers for. */
export interface WorkerTerms {
  /** Whether it runs the workflows themselves. */
  readonly workflows: boolean;
  /** Whether it is ready before its workers are: one that serves requests as well. */
  readonly inBackground: boolean;
}
const TERMS = Symbol('worker terms');

/** Runs one Temporal worker per task queue with every activity that a provider implements. A worker that fails ends the process. */
@Injectable()
export class Workers implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(Workers.name);
  private readonly workers: Worker[] = [];
  private starting: Promise<void> = Promise.resolve();
  private running: Promise<unknown> = Promise.resolve();
  private stopping = false;
  private connection: NativeConnection | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(TERMS) private readonly terms: WorkerTerms,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.starting = this.start();
    if (this.terms.inBackground) this.starting.catch((error: unknown) => this.fail(error));
    else await this.starting;
  }

  private async start(): Promise<void> {
    const { TEMPORAL_ADDRESS, HOLDFAST_START_PATIENCE_SECONDS } = this.configuration;
    leaveSignalsToNest();
    this.connection = await connected(TEMPORAL_ADDRESS, HOLDFAST_START_PATIENCE_SECONDS * 1000);
    if (this.stopping) return;
    for (const [taskQueue, activities] of this.activitiesByQueue()) {
      this.workers.push(
        await sdkWorker().Worker.create({
          connection: this.connection,
          namespace: this.configuration.TEMPORAL_NAMESPACE,
          taskQueue,
          activities,
          interceptors: { activity: [activityCalls] },
          shutdownGraceTime: '5s',
          shutdownForceTime: '15s',
          ...CAPACITY[taskQueue],
          ...(taskQueue === 'control' && { workflowBundle: { codePath: bundlePath } }),
        }),
      );
    }
    this.running = Promise.all(this.workers.map((worker) => worker.run()));
    this.running.catch((error: unknown) => this.fail(error));
  }

  /** A process without its worker is worse than none: the supervisor starts another. */
  private fail(error: unknown): void {
    if (this.stopping) return;
    this.log.fatal(error);
    process.exit(1);
  }

  /** Whether every worker polls. */
  get healthy(): boolean {
    return this.workers.length > 0 && this.workers.every((worker) => worker.getState() === 'RUNNING');
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.starting.catch(() => undefined);
    for (const worker of this.workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await this.running;
    await this.connection?.close();
  }

  private activitiesByQueue(): Map<TaskQueue, Record<string, Activity>> {
    const queues = new Map<TaskQueue, Record<string, Activity>>(this.terms.workflows ? [['control', {}]] : []);
    for (const { instance } of this.discovery.getProviders()) {
      const contract = instance ? contractOf((instance as object).constructor) : undefined;
      for (const [name, terms] of Object.entries(contract?.activities ?? {})) {
        const implementation = (instance as Record<string, Activity | undefined>)[name];
        if (!implementation) throw new Error(`${contract!.name}.${name} is not implemented`);
        const queue = queues.get(terms.queue) ?? {};
        queue[`${contract!.name}.${name}`] = (...args) => implementation.apply(instance, args);
        queues.set(terms.queue, queue);
      }
    }
    return queues;
  }
}

/** @throws the SDK's error when Temporal does not answer in time */
async function connected(address: string, patienceMs: number): Promise<NativeConnection> {
  for (const until = Date.now() + patienceMs; ;) {
    try {
      return await sdkWorker().NativeConnection.connect({ address });
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await pause(50);
  }
}

/** Before anything else of the SDK's worker: Nest decides when workers stop, the SDK would stop them by itself as well. */
export const leaveSignalsToNest = (): void => {
  if (left) return;
  left = true;
  sdkWorker().Runtime.install({ shutdownSignals: [], logger: quietly });
};

let left = false;

/** The SDK's own log lines repeat what activities log; only what is wrong with the worker itself is kept. */
const sdk = new Logger('Temporal');
const quietly = {
  log: () => undefined,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: (message: string) => sdk.warn(message),
  error: (message: string) => sdk.error(message),
};

@Module({})
export class WorkerModule {
  static of(terms: WorkerTerms): DynamicModule {
    return {
      module: WorkerModule,
      imports: [DiscoveryModule],
      providers: [Workers, { provide: TERMS, useValue: terms }],
      exports: [Workers],
    };
  }
}
