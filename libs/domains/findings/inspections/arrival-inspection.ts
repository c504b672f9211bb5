import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import type { Finding, Observation, Scope } from '../core/finding';
import { BUCKET, HISTORY_WEEKS, hourOfWeek, LONGEST_BUCKETS, lullBefore, WEEK, type Arrivals } from '../core/lull';
import { FindingRecorder } from '../finding-recorder';
import { NEWEST } from '../core/finding-story';
import { FindingsStore } from '../findings.store';
import { InspectionStore } from '../inspection.store';
import { DAY, HOUR, type Progress, SETTLED } from './slices';

const MOST_LULLS = 10_000;
const bucketAt = (at: Micros): Micros => Math.floor(at / BUCKET) * BUCKET;
const nameOf = ({ source, process }: Omit<Scope, 'stage'>): string => JSON.stringify([source, process]);

/** Counts what arrives, and tells when nothing does although it should. */
@Injectable()
export class ArrivalInspection {
  constructor(
    private readonly store: InspectionStore,
    private readonly findings: FindingsStore,
    private readonly recorder: FindingRecorder,
  ) {}

  async run({ at, heartbeat }: Progress): Promise<number> {
    const to = bucketAt(at - SETTLED);
    const known = await this.store.mark('arrivals');
    if (known !== undefined && known >= to) return 0;
    let stride = DAY; // longer over times without records
    for (let from = known ?? bucketAt(to - (HISTORY_WEEKS + 1) * WEEK); from < to;) {
      heartbeat();
      const until = Math.min(to, from + stride);
      stride = (await this.store.keepArrivals(from, until)) === 0 ? Math.min(WEEK, stride * 2) : DAY;
      if (until < to) await this.store.putMark('arrivals', until);
      from = until;
    }
    const observations = await this.lullsBefore(to);
    await this.recorder.record(observations, to);
    await this.store.putMark('arrivals', to); // last: a run that was cut short judges again
    return observations.length;
  }

  private async lullsBefore(to: Micros): Promise<Observation[]> {
    const hours = new Set<number>();
    for (let n = 1; n <= LONGEST_BUCKETS; n++) hours.add(hourOfWeek(to - n * BUCKET));
    const since = Math.floor((to - DAY - HISTORY_WEEKS * WEEK) / HOUR) * HOUR;
    const [arrivals, lulls] = await Promise.all([this.store.arrivals(since, to, [...hours]), this.openLulls()]);
    return arrivals.flatMap((one) => {
      const observation = observationOf(one, lulls.get(nameOf(one)), to);
      return observation ? [observation] : [];
    });
  }

  private async openLulls(): Promise<Map<string, Finding>> {
    const lulls = await this.findings.list({ kind: 'lull' }, NEWEST, MOST_LULLS);
    // The newest of each: an older one is over, or it would have been gone on with.
    return new Map(lulls.reverse().map((finding) => [nameOf(finding), finding]));
  }
}

/** A lull that goes on is the same one, also when what is expected has changed since it began. */
function observationOf(
  one: Omit<Scope, 'stage'> & Arrivals,
  known: Finding | undefined,
  to: Micros,
): Observation | undefined {
  const scope = { source: one.source, process: one.process, stage: '' };
  const verdict = lullBefore(to, one);
  if (verdict.is === 'insufficient_data') return undefined;
  const goesOn =
    known !== undefined && known.state !== 'fixed' && verdict.is === 'lull' && verdict.from <= known.extent.toAt;
  if (verdict.is === 'lull') {
    const fromAt = goesOn ? known.extent.fromAt : verdict.from;
    const { expected, found } = verdict;
    return {
      ...{ kind: 'lull', scope, begins: String(fromAt), standing: goesOn ? 'changed' : 'present', adds: false },
      extent: {
        ...{ numbers: undefined, fromAt, toAt: to, cases: expected - found },
        measures: { expected, found },
      },
    };
  }
  if (!known || known.state === 'fixed' || known.state === 'accepted') return undefined;
  return {
    ...{ kind: 'lull', scope, begins: String(known.extent.fromAt), standing: 'gone', adds: false },
    extent: known.extent,
  };
}
