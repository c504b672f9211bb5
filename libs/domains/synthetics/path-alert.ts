import { Injectable } from '@nestjs/common';
import { AlertRaiser } from '@holdfast/domains/alerting/alert-raiser.service';
import type { Micros } from '@holdfast/kernel';
import { sayBreak } from './core/probe';
import { pathAlertId } from './core/synthetic';
import { ProbeStore } from './probe.store';
import { SyntheticService } from './synthetic.service';

/** Sees to it that there is an alert about a path for as long as its probes do not get through. It goes by how they ended alone, so that a repeat comes to the same. */
@Injectable()
export class PathAlert {
  constructor(
    private readonly synthetics: SyntheticService,
    private readonly store: ProbeStore,
    private readonly raiser: AlertRaiser,
  ) {}

  /** @param at of the probe that has ended @returns whether an alert is due */
  async settle(id: string, at: Micros): Promise<boolean> {
    const [document, [probe], failed] = await Promise.all([
      this.synthetics.find(id),
      this.store.list(id, at + 1, 1),
      this.store.failures(id, at),
    ]);
    if (!document || !probe || !failed) return false;
    if (!document.body.enabled || probe.state !== 'broken') {
      await this.synthetics.endAlert(id, document.body.enabled ? 'healed' : 'cancelled', at);
      return false;
    }
    const { failuresBeforeAlert, severity, escalationPolicy, owner, runbook } = document.body;
    if (failed.failures < failuresBeforeAlert) return false;
    const { process, stage, hop, fault } = probe;
    const alert = {
      ...{ alertId: pathAlertId(id, failed.first), fingerprint: `synthetic-${id}` },
      ...{ process, severity, policy: escalationPolicy },
      subject: { kind: 'synthetic', id },
      labels: { synthetic: id, stage, hop, fault },
      facts: { open: failed.failures, revision: 0 },
    } as const;
    const context = {
      summary: sayBreak(process, { stage, hop, fault }),
      since: failed.first,
      topHop: hop,
      owner,
      runbook,
    };
    await this.raiser.raise([{ alert, context }], at);
    return true;
  }
}
