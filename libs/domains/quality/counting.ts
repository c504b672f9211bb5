import { Injectable } from '@nestjs/common';
import { WindowStatisticsService } from '@holdfast/domains/reconciliation/window-statistics.service';
import type { Micros } from '@holdfast/kernel';
import { type Bucket, bucketAt } from './core/budget';
import type { Counted, PeriodNow } from './core/evaluation';
import { freshBuckets, type Silence } from './core/freshness';
import type { Measure } from './core/objective';
import { ObjectiveStore } from './objective.store';

/** So much is counted by one query. */
const SLICE: Micros = 6 * 3_600_000_000;

type Of<K extends Measure['kind']> = Extract<Measure, { readonly kind: K }>;

/** Counts what objectives promise. What is decided is counted once, and kept by quarter of an hour; only what came since is read. */
@Injectable()
export class Counting {
  constructor(
    private readonly store: ObjectiveStore,
    private readonly windows: WindowStatisticsService,
  ) {}

  /** Up to where arrivals are decided when everything received before `asOf` is known: a key has had its time then. */
  decidedTo(measure: Measure, asOf: Micros): Micros {
    return measure.kind === 'completeness' ? asOf - measure.within : asOf;
  }

  /**
   * What arrived in a period. Resumes behind what was counted before, also by another objective of the same measure.
   * @param first the stages that the process begins at
   * @param heartbeat called after each slice; throws to stop
   */
  async count(
    measure: Measure,
    first: readonly string[],
    { from, to }: PeriodNow,
    asOf: Micros,
    heartbeat: () => void,
  ): Promise<Counted> {
    if (measure.kind === 'accuracy')
      return { buckets: await this.ofWindows(measure, first, from, to, asOf), newestAt: null };
    await this.countMissing(measure, from, to, asOf, heartbeat);
    const newestAt = measure.kind === 'freshness' ? ((await this.store.arrivals(measure, asOf))?.last ?? null) : null;
    return { buckets: await this.store.measured(measure, from, to), newestAt };
  }

  private async ofWindows(
    { process }: Of<'accuracy'>,
    first: readonly string[],
    from: Micros,
    to: Micros,
    asOf: Micros,
  ): Promise<Bucket[]> {
    const buckets = new Map<Micros, Bucket>();
    for (const { judgedAt, events, wrong } of await this.windows.accuracy(process, first, from, to, asOf)) {
      const at = bucketAt(judgedAt);
      const total = Math.max(0, events);
      const known = buckets.get(at) ?? { at, good: 0, total: 0 };
      buckets.set(at, { at, good: known.good + total - wrong, total: known.total + total });
    }
    return [...buckets.values()];
  }

  /** Counts what of [from, to) has not been, before what has and behind it; a quarter that has not ended is counted again next time. */
  private async countMissing(
    measure: Of<'completeness' | 'freshness'>,
    from: Micros,
    to: Micros,
    asOf: Micros,
    heartbeat: () => void,
  ): Promise<void> {
    const stored = await this.store.measuredSpan(measure);
    const known = stored && stored.to >= from ? stored : undefined; // what was counted long ago would leave a hole
    const before = known && from < known.from ? [{ from, to: Math.min(to, known.from) }] : [];
    const missing = known ? [...before, { from: bucketAt(known.to), to }] : [{ from, to }];
    let span = known ?? { from, to: from };
    for (const part of missing) {
      // Backwards, the mark moves when all of a part is there; forwards, with every slice.
      const isBehind = part.from >= bucketAt(span.to);
      for (let at = part.from; at < part.to; at += SLICE) {
        heartbeat();
        const until = Math.min(part.to, at + SLICE);
        await this.store.putMeasured(measure, await this.bucketsOf(measure, at, until, asOf), asOf);
        if (!isBehind && until < part.to) continue;
        span = isBehind ? { ...span, to: Math.max(span.to, until) } : { ...span, from: part.from };
        await this.store.putMeasuredSpan(measure, span.from, span.to, asOf);
      }
    }
  }

  private bucketsOf(
    measure: Of<'completeness' | 'freshness'>,
    from: Micros,
    to: Micros,
    asOf: Micros,
  ): Promise<Bucket[]> {
    return measure.kind === 'completeness'
      ? this.store.countKeys(measure, from, to, asOf)
      : this.freshnessOf(measure, from, to);
  }

  private async freshnessOf(measure: Of<'freshness'>, from: Micros, to: Micros): Promise<Bucket[]> {
    const { maxAge } = measure;
    // What came so long before tells whether it begins fresh; only where nothing did is looked further back.
    const begun = from - maxAge;
    const found = await this.store.arrived(measure, begun, to);
    const isFresh = found !== undefined && found.first < from;
    const earlier = isFresh ? { first: begun, last: begun } : await this.store.arrivals(measure, from);
    if (!earlier && !found) return [];
    const silences: Silence[] = [...(found?.silences ?? [])];
    if (earlier && !isFresh) silences.unshift({ from: earlier.last, to: found?.first ?? to });
    if (found) silences.push({ from: found.last, to });
    return freshBuckets(from, to, earlier?.first ?? found!.first, silences, maxAge);
  }
}
