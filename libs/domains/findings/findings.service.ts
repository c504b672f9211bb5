import { Injectable, Logger } from '@nestjs/common';
import { AlertRaiser } from '@holdfast/domains/alerting/alert-raiser.service';
import { DomainError, type Micros } from '@holdfast/kernel';
import { isClosed, owedFor } from './core/finding';
import type { FindingFilter, FindingPosition, FindingStep, StoredFinding } from './core/finding-story';
import { FindingsStore, type NewStep } from './findings.store';

/** What somebody says of a finding. */
export type Remark = Pick<NewStep, 'owner' | 'cases' | 'amount' | 'currency' | 'reason'>;
export interface FindingStory {
  readonly finding: StoredFinding;
  readonly steps: readonly FindingStep[];
}

/** What people ask of findings, and do with them. */
@Injectable()
export class FindingsService {
  private readonly log = new Logger(FindingsService.name);

  constructor(
    private readonly store: FindingsStore,
    private readonly alerts: AlertRaiser,
  ) {}

  /** Newest first. */
  list(filter: FindingFilter, from: FindingPosition, limit: number): Promise<StoredFinding[]> {
    return this.store.list(filter, from, limit);
  }

  /** @throws DomainError `not_found` */
  async story(id: string): Promise<FindingStory> {
    const [[finding], steps] = await Promise.all([this.store.find([id]), this.store.steps(id)]);
    if (!finding) throw new DomainError('not_found', 'finding_not_found', 'there is no such finding');
    return { finding, steps };
  }

  /**
   * Triages, fixes or accepts. Of two at once both are kept, and the later one counts.
   * @throws DomainError `not_found`; `conflict` when it is closed already
   */
  async change(
    id: string,
    step: 'triaged' | 'fixed' | 'accepted',
    remark: Remark,
    by: string,
    at: Micros,
  ): Promise<FindingStory> {
    const { finding } = await this.story(id);
    if (isClosed(finding.state))
      throw new DomainError('conflict', 'finding_closed', `the finding is ${finding.state} already`);
    // Steps count by their time: this one comes after what it was decided on, whatever the clocks say.
    await this.store.addSteps([{ finding: id, at: Math.max(at, finding.changedAt + 1), step, by, ...remark }]);
    const story = await this.story(id);
    if (isClosed(story.finding.state)) await this.endAlerts(story.finding, at);
    return story;
  }

  /** At once where that works; else the next inspection does it. */
  private async endAlerts(finding: StoredFinding, at: Micros): Promise<void> {
    for (const { alertId, by, reason } of owedFor(finding).end)
      try {
        await this.alerts.end(alertId, { by, reason, at });
        await this.store.addSteps([{ finding: finding.id, at, step: 'alert_ended', by: '', alert: alertId }]);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        this.log.warn(`${alertId} is ended by the next inspection: ${error.code}`);
      }
  }
}
