import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import type { BusinessStage, Entry } from './core/reference';
import { ReferenceStore } from './reference.store';

/** A table of business data, as far as its keys are compared. */
export interface BusinessTable {
  /**
   * Keys that were there first in [from, to), each once, in the order of their UTF-8 bytes, in pages of any size.
   * @param signal breaks it off
   */
  keys(from: Micros, to: Micros, signal: AbortSignal): AsyncIterable<readonly Entry[]>;
  /** Which of these keys are there, whenever they came. */
  present(keys: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Opens what references name. */
@Injectable()
export class BusinessTables {
  constructor(private readonly store: ReferenceStore) {}

  open({ process, stage }: Pick<BusinessStage, 'process' | 'stage'>): BusinessTable {
    return {
      keys: (from, to, signal) => this.store.stageKeys(process, stage, from, to, signal),
      present: (keys) => this.store.presentKeys(process, stage, keys),
    };
  }
}
