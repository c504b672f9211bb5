import { Injectable } from '@nestjs/common';
import { AlertRaiser } from '@holdfast/domains/alerting/alert-raiser.service';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { type FieldProblem, invalid, type Micros } from '@holdfast/kernel';
import { runToEnd } from '@holdfast/platform/temporal';
import { probePath } from '@holdfast/workflows/synthetics/probe-path/contract';
import { Client } from '@temporalio/client';
import { type KeptProbe, NEWEST } from './core/probe';
import { pathAlertId, type SyntheticDefinition } from './core/synthetic';
import { type Failures, ProbeStore } from './probe.store';
import { Prober } from './prober';
import { SyntheticSchema } from './synthetic.schemas';

const SYNTHETIC: DocumentKind<SyntheticDefinition> = { kind: 'synthetic-transaction', body: SyntheticSchema };
/** Named here and not imported, as in the catalogue of processes. */
const POLICY_KIND = 'escalation-policy';

export type Synthetic = Version<SyntheticDefinition>;
export interface PathStatus {
  /** Of now; undefined when the last probe got through. */
  readonly failures: Failures | undefined;
  readonly alert: string | undefined;
  readonly last: KeptProbe | undefined;
}

/** Synthetic transactions: versioned documents, and how their probes ended. */
@Injectable()
export class SyntheticService {
  constructor(
    private readonly register: RegisterService,
    private readonly catalog: CatalogService,
    private readonly store: ProbeStore,
    private readonly prober: Prober,
    private readonly raiser: AlertRaiser,
    private readonly temporal: Client,
  ) {}

  /** @throws DomainError `not_found` */
  synthetic(id: string): Promise<Synthetic> {
    return this.register.get(SYNTHETIC, id);
  }

  /** As it is now; undefined where there is none. */
  find(id: string): Promise<Synthetic | undefined> {
    return this.register.latest(SYNTHETIC, id);
  }

  /** As it was at a version. */
  async version(id: string, version: number): Promise<Synthetic | undefined> {
    return (await this.register.versionsBelow(SYNTHETIC, id, version + 1, 1))[0];
  }

  list(after: string, limit: number): Promise<(Synthetic & { readonly id: string })[]> {
    return this.register.list(SYNTHETIC, after, limit);
  }

  /** Newest first, of versions below `before`. @throws DomainError `not_found` */
  history(id: string, before: number, limit: number): Promise<Synthetic[]> {
    return this.register.history(SYNTHETIC, id, before, limit);
  }

  /**
   * One that is disabled has its alert ended.
   * @returns the version that it has now
   * @throws DomainError `invalid` when its process, a stage or its policy does not exist, or nothing can be sent; as RegisterService.change does
   */
  async put(id: string, definition: SyntheticDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    if (definition.enabled && !this.prober.canProbe)
      throw invalid('probes_not_configured', 'this installation cannot send probes', [
        { field: 'enabled', reason: 'HOLDFAST_PROBE_KEY and HOLDFAST_PROBE_URL are not set' },
      ]);
    const wrong = await this.faultsOf(definition);
    if (wrong.length > 0)
      throw invalid('unusable_synthetic_transaction', 'the path cannot be tried; errors lists why', wrong);
    const version = await this.register.change(SYNTHETIC, id, definition, expected, by, at);
    if (!definition.enabled) await this.endAlert(id, 'cancelled', at, NEWEST);
    return version;
  }

  /** Newest first, of those before a time. @throws DomainError `not_found` */
  async probes(id: string, before: Micros, limit: number): Promise<KeptProbe[]> {
    const found = await this.store.list(id, before, limit);
    if (found.length === 0) await this.synthetic(id);
    return found;
  }

  /** @throws DomainError `not_found` */
  async status(id: string): Promise<PathStatus> {
    const [{ body }, failures, probes] = await Promise.all([
      this.synthetic(id),
      this.store.failures(id, NEWEST),
      this.store.list(id, NEWEST, 100),
    ]);
    const last = probes.find(({ state }) => state !== 'under_way');
    const now = failures && failures.last === last?.instant ? failures : undefined;
    const alert = now && now.failures >= body.failuresBeforeAlert ? pathAlertId(id, now.first) : undefined;
    return { failures: now, alert, last };
  }

  /** Sends a probe now, and waits for its end, but no longer than a request may. @throws DomainError `not_found`; `unavailable` while it is under way */
  async probe(id: string): Promise<KeptProbe> {
    await this.synthetic(id);
    const at = await runToEnd(this.temporal, probePath, id);
    const [found] = at === null ? [] : await this.store.list(id, at + 1, 1);
    if (!found)
      throw invalid('unusable_synthetic_transaction', 'it is disabled', [{ field: 'enabled', reason: 'is false' }]);
    return found;
  }

  /** Ends the alert of the last failures in a row, if there is one. @param to of probes up to then @throws DomainError `unavailable` */
  async endAlert(id: string, reason: 'healed' | 'cancelled', at: Micros, to = at): Promise<void> {
    const over = await this.store.failures(id, to);
    if (over) await this.raiser.end(pathAlertId(id, over.first), { by: '', reason, at });
  }

  private async faultsOf({ process: name, send, expect, escalationPolicy }: SyntheticDefinition) {
    const wrong: FieldProblem[] = [];
    const [process, hasPolicy] = await Promise.all([
      this.catalog.findProcess(name),
      this.register.exists(POLICY_KIND, escalationPolicy),
    ]);
    if (!process) wrong.push({ field: 'process', reason: 'does not exist; PUT it first' });
    const stages = new Set(process?.stages.map(({ id }) => id));
    const check = (stage: string, field: string): void => {
      if (process && !stages.has(stage)) wrong.push({ field, reason: 'is no stage of the process' });
    };
    for (const [index, stage] of send.entries()) check(stage, `send.${index}`);
    for (const [index, { stage }] of expect.entries()) check(stage, `expect.${index}.stage`);
    if (!hasPolicy) wrong.push({ field: 'escalationPolicy', reason: 'does not exist; PUT it first' });
    return wrong;
  }
}
