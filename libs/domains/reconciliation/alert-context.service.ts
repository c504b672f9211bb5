import { Injectable, Logger } from '@nestjs/common';
import type { AlertContext } from '@holdfast/domains/alerting/core/alert';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { DomainError, inTime } from '@holdfast/kernel';
import type { Process } from '@holdfast/domains/catalog/core/process';
import { contextOf } from './core/alert-context';
import { reconciliationId, type Window, windowOf } from './core/window';
import { EvidenceStore } from './evidence.store';
import { ExplanationService } from './explanation.service';
import { ReconciliationStore } from './reconciliation.store';

/** A page does not wait longer for what is nice to know, in ms. */
const PATIENCE_MS = 1_000;
/** Keys whose worth is added up. */
const MOST_KEYS = 10_000;

/** What the page of a window says: where it was lost, since when, what it is worth, what the lost have in common. */
@Injectable()
export class AlertContextService {
  private readonly log = new Logger(AlertContextService.name);

  constructor(
    private readonly store: ReconciliationStore,
    private readonly evidence: EvidenceStore,
    private readonly explanation: ExplanationService,
    private readonly catalog: CatalogService,
  ) {}

  /** Without what could not be found in time. */
  async ofWindow(id: string): Promise<AlertContext | undefined> {
    const window = windowOf(id);
    const process = window && (await this.catalog.findProcess(window.process));
    const [verdict] = await this.store.verdicts(id);
    if (!window || !process || !verdict) return undefined;
    const [hops, causes, amounts] = await Promise.all([
      this.known(this.explanation.hops(id)),
      this.known(this.explanation.causes(id, { kind: '', hop: '' })),
      this.known(this.amounts(window, process, verdict.judgement)),
    ]);
    return contextOf(window, process, verdict, hops ?? [], causes?.causes ?? [], amounts ?? []);
  }

  private async amounts(window: Window, { value }: Process, judgement: string) {
    if (!value) return [];
    return this.evidence.atStake({
      ...window,
      reconciliation: reconciliationId(window),
      judgement,
      amount: value.amount.split('.'),
      currency: value.currency.split('.'),
      most: MOST_KEYS,
    });
  }

  private async known<T>(asked: Promise<T>): Promise<T | undefined> {
    try {
      return await inTime(asked, PATIENCE_MS);
    } catch (error) {
      this.log.warn(`a page goes out with less context: ${error instanceof DomainError ? error.code : 'fault'}`);
      return undefined;
    }
  }
}
