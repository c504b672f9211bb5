import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import type { Counts } from './core/event';
import type { TimelineEntry, TimelinePosition } from './core/timeline';
import { TrackingStore } from './tracking.store';

/** What may be asked of the records that were received. */
@Injectable()
export class TrackingService {
  constructor(private readonly store: TrackingStore) {}

  /** The account of [from, to) by source and process; a process that is not known is null. */
  async account(source: string | undefined, from: Micros, to: Micros) {
    const bySource = (await this.store.account(source ?? '', from, to)).map((row) => ({
      ...row,
      ...withReceived(row),
      process: row.process === '' ? null : row.process,
    }));
    const total = bySource.reduce(add, { received: 0, stored: 0, duplicate: 0, conflict: 0, rejected: 0 });
    return { from: formatInstant(from), to: formatInstant(to), ...total, bySource };
  }

  /** What was said about a key, in the order in which it happened. */
  timeline(process: string, key: string, after: TimelinePosition, limit: number): Promise<TimelineEntry[]> {
    return this.store.timeline(process, key, after, limit);
  }
}

const withReceived = ({ stored, duplicate, conflict, rejected }: Omit<Counts, 'received'>): Counts => ({
  received: stored + duplicate + conflict + rejected,
  stored,
  duplicate,
  conflict,
  rejected,
});

const add = (a: Counts, b: Counts): Counts => ({
  received: a.received + b.received,
  stored: a.stored + b.stored,
  duplicate: a.duplicate + b.duplicate,
  conflict: a.conflict + b.conflict,
  rejected: a.rejected + b.rejected,
});
