import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { addOutcomes, NO_OUTCOMES, withReceived } from './core/event';
import type { TimelineEntry, TimelinePosition } from './core/timeline';
import { TrackingStore } from './tracking.store';

/** What may be asked of the records that were received. */
@Injectable()
export class TrackingService {
  constructor(private readonly store: TrackingStore) {}

  /** The account of [from, to) by source and process; a process that is not known is null. */
  async account(source: string | undefined, from: Micros, to: Micros) {
    const rows = await this.store.account(source ?? '', from, to);
    const bySource = rows
      .map((row) => ({ ...row, ...withReceived(row), process: row.process === '' ? null : row.process }))
      // What has left quarantine under another name is counted there.
      .filter(({ received }) => received > 0);
    const total = withReceived(rows.reduce(addOutcomes, NO_OUTCOMES));
    return { from: formatInstant(from), to: formatInstant(to), ...total, bySource };
  }

  /** What was said about a key, in the order in which it happened. */
  timeline(process: string, key: string, after: TimelinePosition, limit: number): Promise<TimelineEntry[]> {
    return this.store.timeline(process, key, after, limit);
  }
}
