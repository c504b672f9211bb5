import { Inject } from '@nestjs/common';
import { DomainError, type Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { call, DeliveryError } from '@holdfast/platform/delivery';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { probePath } from '@holdfast/workflows/synthetics/probe-path/contract';
import { tellAlive } from '@holdfast/workflows/synthetics/tell-alive/contract';
import { watchHeartbeats } from '@holdfast/workflows/synthetics/watch-heartbeats/contract';
import type { CallFault, Look, ProbeOutcome, ProbePlan } from './core/probe';
import { probeKeyOf, type SyntheticDefinition } from './core/synthetic';
import { HeartbeatWatch } from './heartbeat-watch';
import { PathAlert } from './path-alert';
import { ProbeStore } from './probe.store';
import { Prober } from './prober';
import { SyntheticService } from './synthetic.service';

/** The steps of a probe. */
@Implements(probePath)
export class ProbePathActivities implements ActivitiesOf<typeof probePath> {
  constructor(
    private readonly synthetics: SyntheticService,
    private readonly store: ProbeStore,
    private readonly prober: Prober,
    private readonly alert: PathAlert,
  ) {}

  async begin(synthetic: string, at: Micros): Promise<ProbePlan | null> {
    const document = await this.synthetics.find(synthetic);
    if (!document?.body.enabled) return null;
    const { version, body } = document;
    await this.keep(synthetic, version, at, undefined, body);
    const { send, expect, readableWithinSeconds } = body;
    return { version, send, expect, readableWithinSeconds };
  }

  async send(synthetic: string, version: number, at: Micros, stage: string): Promise<CallFault> {
    return this.prober.send(synthetic, await this.definition(synthetic, version), stage, at);
  }

  async look(synthetic: string, version: number, at: Micros): Promise<Look> {
    return this.prober.look(synthetic, await this.definition(synthetic, version), at);
  }

  async record(synthetic: string, version: number, at: Micros, outcome: ProbeOutcome): Promise<void> {
    await this.keep(synthetic, version, at, outcome, await this.definition(synthetic, version));
  }

  settle(synthetic: string, at: Micros): Promise<boolean> {
    return this.alert.settle(synthetic, at);
  }

  private keep(
    synthetic: string,
    version: number,
    at: Micros,
    outcome: ProbeOutcome | undefined,
    { process }: SyntheticDefinition,
  ): Promise<void> {
    return this.store.keep({ synthetic, at, version, process, key: probeKeyOf(synthetic, at), outcome });
  }

  /** As it was when the probe began: another one would make another event of it. */
  private async definition(synthetic: string, version: number): Promise<SyntheticDefinition> {
    const found = await this.synthetics.version(synthetic, version);
    if (!found) throw new DomainError('not_found', 'synthetic_transaction_not_found', 'there is no such version');
    return found.body;
  }
}

/** The step of looking for beats. */
@Implements(watchHeartbeats)
export class WatchHeartbeatsActivities implements ActivitiesOf<typeof watchHeartbeats> {
  constructor(private readonly heartbeats: HeartbeatWatch) {}

  watch(at: Micros): Promise<number> {
    return this.heartbeats.watch(at);
  }
}

const TIMEOUT_MS = 10_000;

/** The steps of telling somebody outside that Holdfast lives. */
@Implements(tellAlive)
export class TellAliveActivities implements ActivitiesOf<typeof tellAlive> {
  constructor(
    private readonly store: ProbeStore,
    private readonly prober: Prober,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  async check(at: Micros): Promise<'' | 'store' | 'api'> {
    if (!(await this.store.canWriteAndRead('tell-alive', at))) return 'store';
    return (await this.prober.isReady()) ? '' : 'api';
  }

  async tell(): Promise<void> {
    const { HOLDFAST_HEARTBEAT_URL: url, HOLDFAST_HEARTBEAT_METHOD: method } = this.configuration;
    if (url === undefined) return;
    try {
      await call({ url, method, timeoutMs: TIMEOUT_MS });
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      throw new DomainError(
        'unavailable',
        'heartbeat_not_taken',
        `the service outside does not take it: ${error.kind}`,
      );
    }
  }
}
