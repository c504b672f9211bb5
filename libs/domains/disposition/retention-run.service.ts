import { Inject, Injectable } from '@nestjs/common';
import { DomainError, newId, type Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { SagaDesk, type SagaProgress } from '@holdfast/platform/sagas';
import { startOrJoin } from '@holdfast/platform/temporal';
import { runRetention } from '@holdfast/workflows/retention/run-retention/contract';
import { Client } from '@temporalio/client';
import { type LotOutcome, type PlannedLot, RunStore, type StoredPlan, type StoredRun } from './run.store';

export interface RunView extends StoredRun, SagaProgress {
  readonly plan: StoredPlan | undefined;
}
export interface RunDetail extends RunView {
  readonly lots: readonly (PlannedLot & { readonly became: LotOutcome | undefined })[];
  readonly certificate: string | undefined;
}
/** Names of what is found in a state of a run that may still do something. */
const OVER: ReadonlySet<string> = new Set(['done', 'undone', 'refused', 'lapsed']);
/** Runs that are looked at for one that is open: more are never left behind one. */
const RECENT = 20;
const LATEST: Micros = 9_000_000_000_000_000;

/** Runs of retention: started, shown, approved, stopped. */
@Injectable()
export class RetentionRunService {
  constructor(
    private readonly store: RunStore,
    private readonly desk: SagaDesk,
    private readonly temporal: Client,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** @throws DomainError `conflict` retention_run_open while another one is under way; `unavailable` */
  async start(dryRun: boolean, by: string, at: Micros): Promise<RunDetail> {
    if (!dryRun) await this.mustBeTheOnly();
    const run = `run-${newId()
      .replaceAll(/[^A-Za-z0-9]/g, '')
      .toLowerCase()
      .slice(0, 16)}`;
    const approveWithinSeconds = this.configuration.HOLDFAST_RETENTION_APPROVE_WITHIN_SECONDS;
    await startOrJoin(this.temporal, runRetention, { run, dryRun, by, approveWithinSeconds });
    // Behind its start, so that nothing stands in the way that never began; its first step does so too.
    await this.store.keepRun({ run, isDryRun: dryRun, requestedBy: by, requestedAt: at });
    return this.run(run);
  }

  /** @throws DomainError `not_found` */
  async run(run: string): Promise<RunDetail> {
    const view = await this.view(await this.existing(run));
    const [lots, outcomes, certificate] = await Promise.all([
      view.plan ? this.store.lots(view.plan.plan) : [],
      this.store.outcomes(run),
      this.store.certificateOf(run),
    ]);
    return {
      ...view,
      lots: lots.map((lot) => ({ ...lot, became: outcomes.find((one) => one.lot === lot.lot) })),
      certificate: certificate?.certificate,
    };
  }

  /** The newest first. */
  async runs(beforeAt: Micros, beforeRun: string, limit: number): Promise<RunView[]> {
    return Promise.all((await this.store.runs(beforeAt, beforeRun, limit)).map((one) => this.view(one)));
  }

  /** @throws DomainError `not_found`; `conflict` saga_waits_for_nobody, own_request, saga_changed; `unavailable` */
  async answer(run: string, answer: 'approved' | 'refused', by: string, digest: string): Promise<RunDetail> {
    await this.existing(run);
    await this.desk.answer(run, answer, by, digest);
    return this.run(run);
  }

  /** @param before the step to stop before @throws DomainError `not_found`; `conflict` saga_is_over, saga_not_stopped, step_is_behind; `unavailable` */
  async steer(run: string, order: 'stop' | 'resume' | 'call_off', by: string, before?: string): Promise<RunDetail> {
    await this.existing(run);
    await this.desk.steer(run, order, by, before);
    return this.run(run);
  }

  private async view(of: StoredRun): Promise<RunView> {
    const [progress, plan] = await Promise.all([this.desk.progress(runRetention, of.run), this.store.plan(of.run)]);
    return { ...of, ...progress, plan };
  }

  private async existing(run: string): Promise<StoredRun> {
    const found = await this.store.run(run);
    if (!found) throw new DomainError('not_found', 'retention_run_not_found', 'there is no such run');
    return found;
  }

  /** Two would plan the same. What they delete is guarded by itself. */
  private async mustBeTheOnly(): Promise<void> {
    const recent = await this.runs(LATEST, '', RECENT);
    const open = recent.find(({ isDryRun, state }) => !isDryRun && !OVER.has(state));
    if (open)
      throw new DomainError('conflict', 'retention_run_open', 'another run is under way', {
        extra: { run: open.run },
      });
  }
}
