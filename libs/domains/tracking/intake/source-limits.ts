import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DomainError, type Micros } from '@holdfast/kernel';
import type { SourceDefinition } from '@holdfast/domains/catalog/core/source';
import { SourceService } from '@holdfast/domains/catalog/source.service';
import { Allowance, secondsToNextDay } from '../core/allowance';
import { TrackingStore } from '../tracking.store';
import { sourceOf } from './candidate';
import { type Committed, isPreparedRejection, type Prepared } from './committer';

/** Longest that a batch waits for its source's rate before its sender is told to come again, in seconds. */
const PATIENCE_SECONDS = 2;

const DAY = 86_400_000_000;

/**
 * What each source may send, by its document: a rate, and a quota of the day. Resends cost nothing, so that a sender that was cut off gets on: who sends all
 * again is let through as far as before. Counted in memory of the one process that takes records in: a restart begins with a full allowance.
 */
@Injectable()
export class SourceLimits {
  private readonly allowances = new Map<string, Allowance>();
  private readonly today = new Map<string, { day: number; used: number }>();

  constructor(
    private readonly sources: SourceService,
    private readonly store: TrackingStore,
  ) {}

  /**
   * Lets a batch in, perhaps after a wait.
   * @throws DomainError `too_many_requests`: `rate_limited` when it would have to wait too long, `quota_used_up` until the next day of UTC
   */
  async admit(batch: readonly Prepared[]): Promise<void> {
    const sources = await this.sources.current();
    if (sources.size === 0) return;
    const taken: [source: string, count: number][] = [];
    try {
      for (const [source, count] of countsOf(batch)) {
        const { rateLimit, dailyQuota } = sources.get(source) ?? NO_LIMITS;
        if (dailyQuota !== undefined) await this.mustBeWithin(dailyQuota, source, Date.now() * 1000);
        if (rateLimit) await this.take(source, count, rateLimit);
        taken.push([source, count]);
        const today = this.today.get(source);
        if (today) today.used += count;
      }
    } catch (error) {
      for (const [source, count] of taken) this.giveBack(source, count);
      throw error;
    }
  }

  /** Of a batch that was let in and could not be stored. */
  cancel(batch: readonly Prepared[]): void {
    for (const [source, count] of countsOf(batch)) this.giveBack(source, count);
  }

  private giveBack(source: string, count: number): void {
    this.allowances.get(source)?.giveBack(count);
    const today = this.today.get(source);
    if (today) today.used -= count;
  }

  /** Gives back what resends had taken. */
  settle({ decisions }: Committed): void {
    if (this.allowances.size + this.today.size === 0) return;
    for (const { candidate, outcome } of decisions) if (outcome === 'duplicate') this.giveBack(sourceOf(candidate), 1);
  }

  private async take(
    source: string,
    count: number,
    { recordsPerSecond, burst = recordsPerSecond * 10 }: NonNullable<SourceDefinition['rateLimit']>,
  ): Promise<void> {
    let allowance = this.allowances.get(source);
    if (!allowance?.isFor(recordsPerSecond, burst))
      this.allowances.set(source, (allowance = new Allowance(recordsPerSecond, burst, performance.now() / 1000)));
    for (;;) {
      const wait = allowance.take(count, performance.now() / 1000);
      if (wait === 0) return;
      if (wait > PATIENCE_SECONDS)
        throw new DomainError('too_many_requests', 'rate_limited', 'the source sends more records than it may', {
          retryAfterSeconds: Math.ceil(wait),
        });
      await pause(wait * 1000);
    }
  }

  private async mustBeWithin(quota: number, source: string, now: Micros): Promise<void> {
    const day = Math.floor(now / DAY);
    let today = this.today.get(source);
    if (today?.day !== day) {
      const counted = await this.store.account(source, day * DAY, (day + 1) * DAY);
      const used = counted.reduce(
        (sum, { stored, conflict, quarantined, rejected, sampledOut }) =>
          sum + stored + conflict + quarantined + rejected + sampledOut,
        0,
      );
      this.today.set(source, (today = { day, used }));
    }
    if (today.used < quota) return;
    throw new DomainError('too_many_requests', 'quota_used_up', 'the source has sent as many records as it may today', {
      retryAfterSeconds: secondsToNextDay(now),
    });
  }
}

const NO_LIMITS: Partial<SourceDefinition> = {};

function countsOf(batch: readonly Prepared[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of batch) {
    const source = isPreparedRejection(one) ? one.source : sourceOf(one);
    counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  return counts;
}
