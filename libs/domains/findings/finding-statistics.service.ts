import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { FindingsStore, type FindingStanding } from './findings.store';

/** What findings together come to, for domains that tell of it. */
@Injectable()
export class FindingStatisticsService {
  constructor(private readonly store: FindingsStore) {}

  /** When findings were opened and closed in (from, to], in the order of their times; those that were open before as if they had been opened at `from`. */
  standings(from: Micros, to: Micros): Promise<FindingStanding[]> {
    return this.store.standings(from, to);
  }
}
