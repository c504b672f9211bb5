import { Injectable } from '@nestjs/common';
import { ContractsService } from '@holdfast/domains/contracts/contracts.service';
import { formatInstant, invalid, type Micros } from '@holdfast/kernel';
import { exactText, parseExact } from './core/exact-json';
import { addOutcomes, NO_OUTCOMES, withReceived } from './core/event';
import { ClockSkewService } from '@holdfast/domains/findings/clock-skew.service';
import { type CorrectedEntry, inCorrectedOrder, TIMELINE_START, type TimelinePosition } from './core/timeline';
import { TrackingStore } from './tracking.store';

/** What may be asked of the records that were received. */
@Injectable()
export class TrackingService {
  constructor(
    private readonly store: TrackingStore,
    private readonly contracts: ContractsService,
    private readonly clocks: ClockSkewService,
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

  /** What was said about a key, in the order of the times that were sent. @param upcast whether data are as the newest version of their contract has them */
  async timeline(
    process: string,
    key: string,
    after: TimelinePosition,
    limit: number,
    upcast: boolean,
  ): Promise<CorrectedEntry[]> {
    const entries = await this.store.timeline(process, key, after, limit);
    const received = entries.map(({ firstReceivedAt }) => firstReceivedAt);
    const skewAt = await this.clocks.between(
      entries.map(({ source }) => source),
      Math.min(...received),
      Math.max(...received),
    );
    const corrected = entries.map((entry) => ({
      ...entry,
      correctedAt: entry.occurredAt - skewAt(entry.source, entry.firstReceivedAt),
    }));
    return upcast ? Promise.all(corrected.map((entry) => this.upcast(entry))) : corrected;
  }

  private async upcast(entry: CorrectedEntry): Promise<CorrectedEntry> {
    const { type, contractVersion: from, data } = entry;
    if (from === 0) return entry;
    const read = parseExact(data) as Record<string, unknown>;
    const cast = await this.contracts.upcast(type, from, read);
    return { ...entry, contractVersion: cast.version, data: cast.data === read ? data : exactText(cast.data) };
  }

  /**
   * All that was said about a key, in the order in which it happened as far as clocks and sequence numbers tell. What is stored stays as it was sent.
   * @throws DomainError `invalid` when there is more of it than can be put in order at once
   */
  async correctedTimeline(process: string, key: string, upcast: boolean): Promise<CorrectedEntry[]> {
    const entries = await this.timeline(process, key, TIMELINE_START, MOST_CORRECTED + 1, upcast);
    if (entries.length > MOST_CORRECTED)
      throw invalid('timeline_too_long', 'the timeline has too many entries to be put in corrected order', [
        { field: 'order', reason: `takes timelines of ${MOST_CORRECTED} entries at most` },
      ]);
    return inCorrectedOrder(entries);
  }
}

/** Entries that are put in order in memory. */
const MOST_CORRECTED = 1_000;
