import { Injectable } from '@nestjs/common';
import { DataSetKeysService } from '@holdfast/domains/comparisons/data-set-keys.service';
import type { Micros } from '@holdfast/kernel';
import type { Business, BusinessDataSet, BusinessStage } from './core/reference';
import { ReferenceStore } from './reference.store';

/** A table of business data, as far as its keys are compared. Has to be closed. */
export interface BusinessTable {
  /**
   * Keys that were there first in [from, to), each once, in the order of their UTF-8 bytes, in pages of any size. Of a data set without times, all keys.
   * @throws DomainError when it cannot be read
   */
  keys(from: Micros, to: Micros): AsyncIterable<readonly string[]>;
  /** Which of up to 1,000 keys are there, whenever they came. @throws DomainError when it cannot be read */
  present(keys: readonly string[]): Promise<ReadonlySet<string>>;
  close(): Promise<void>;
}

/** Opens what references name. */
@Injectable()
export class BusinessTables {
  constructor(
    private readonly store: ReferenceStore,
    private readonly dataSets: DataSetKeysService,
  ) {}

  /** @param signal breaks off what is read */
  open(business: Business, signal: AbortSignal): BusinessTable {
    return business.kind === 'stage' ? this.openStage(business, signal) : this.openDataSet(business, signal);
  }

  openStage({ process, stage }: Pick<BusinessStage, 'process' | 'stage'>, signal: AbortSignal): BusinessTable {
    return {
      keys: (from, to) => this.store.stageKeys(process, stage, from, to, signal),
      present: (keys) => this.store.presentKeys(process, stage, keys),
      close: () => Promise.resolve(),
    };
  }

  private openDataSet({ dataSet, key, since }: BusinessDataSet, signal: AbortSignal): BusinessTable {
    const opened = this.dataSets.open(dataSet, { key, since }, signal);
    return {
      keys: (from, to) => opened.pages(from, to),
      present: (keys) => opened.present(keys),
      close: () => opened.close(),
    };
  }
}
