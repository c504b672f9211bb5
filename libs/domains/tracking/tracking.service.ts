import { Injectable } from '@nestjs/common';
import { ContractsService } from '@holdfast/domains/contracts/contracts.service';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { addOutcomes, NO_OUTCOMES, withReceived } from './core/event';
import type { TimelineEntry, TimelinePosition } from './core/timeline';
import { TrackingStore } from './tracking.store';

/** What may be asked of the records that were received. */
@Injectable()
export class TrackingService {
  constructor(
    private readonly store: TrackingStore,
    private readonly contracts: ContractsService,
  ) {}

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

  /** What was said about a key, in the order in which it happened. @param upcast whether data are as the newest version of their contract has them */
  async timeline(
    process: string,
    key: string,
    after: TimelinePosition,
    limit: number,
    upcast: boolean,
  ): Promise<TimelineEntry[]> {
    const entries = await this.store.timeline(process, key, after, limit);
    return upcast ? Promise.all(entries.map((entry) => this.upcast(entry))) : entries;
  }

  private async upcast(entry: TimelineEntry): Promise<TimelineEntry> {
    const { type, contractVersion: from, data } = entry;
    if (from === 0) return entry;
    const cast = await this.contracts.upcast(type, from, JSON.parse(data) as Record<string, unknown>);
    return { ...entry, contractVersion: cast.version, data: JSON.stringify(cast.data) };
  }
}
