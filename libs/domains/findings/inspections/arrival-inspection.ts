import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { type Finding, isClosed, type Observation, type Scope } from '../core/finding';
import { BUCKET, HISTORY_WEEKS, hourOfWeek, lasts, LONGEST_BUCKETS, lullBefore, WEEK } from '../core/lull';
import { FindingRecorder } from '../finding-recorder.service';
import { NEWEST } from '../core/finding-story';
import { FindingsStore } from '../findings.store';
import { InspectionStore, type ScopedArrivals } from '../inspection.store';
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
    const known = (await this.store.mark('arrivals'))?.inspectedTo;
    if (known !== undefined && known >= to) return 0;
    let stride = DAY; // longer over times without records
    const first = known ?? bucketAt(await this.store.beginning(to - (HISTORY_WEEKS + 1) * WEEK, to));
    for (let from = first; from < to;) {
      heartbeat();
      const until = Math.min(to, from + stride);
      stride = (await this.store.keepArrivals(from, until)) === 0 ? Math.min(WEEK, stride * 2) : DAY;
      if (until < to) await this.store.putMark('arrivals', until);
      from = until;
    }
    const seen = await this.inspectLulls(to, heartbeat);
    await this.store.putMark('arrivals', to); // last: a run that was cut short judges again
    return seen;
  }

  private async inspectLulls(to: Micros, heartbeat: () => void): Promise<number> {
    const hours = new Set<number>();
    for (let n = 1; n <= LONGEST_BUCKETS; n++) hours.add(hourOfWeek(to - n * BUCKET));
    const since = Math.floor((to - DAY - HISTORY_WEEKS * WEEK) / HOUR) * HOUR;
    const lulls = await this.lastLulls();
    let seen = 0;
    for await (const page of this.store.arrivals(since, to, [...hours])) {
      heartbeat();
      const observations = page.flatMap((one) => observationsOf(one, lulls.get(nameOf(one)), to));
      await this.recorder.record(observations, to);
      seen += observations.length;
    }
    return seen;
  }

  private async lastLulls(): Promise<Map<string, Finding>> {
    const lulls = await this.findings.list({ kind: 'lull' }, NEWEST, MOST_LULLS);
    // The newest of each: one that is older is over, or this would have gone on with it.
    return new Map(lulls.reverse().map((finding) => [nameOf(finding), finding]));
  }
}

/** What is to be told of a lull that is known, if there is one, and of the one that is there now. */
function observationsOf(one: ScopedArrivals, known: Finding | undefined, to: Micros): Observation[] {
  const scope = { source: one.source, process: one.process, stage: '' };
  const verdict = lullBefore(to, one);
  const before = known && known.state !== 'fixed' ? known : undefined;
  const goesOn = before !== undefined && lasts(before.extent, verdict, one);
  const observations: Observation[] = [];
  if (before && !goesOn && !isClosed(before.state))
    observations.push({
      ...{ kind: 'lull', scope, begins: String(before.extent.fromAt), standing: 'gone', adds: false },
      extent: before.extent,
    });
  if (verdict.is === 'lull') {
    const fromAt = goesOn ? before.extent.fromAt : verdict.from;
    const { expected, found } = verdict;
    observations.push({
      ...{ kind: 'lull', scope, begins: String(fromAt), standing: goesOn ? 'changed' : 'present', adds: false },
      extent: { numbers: undefined, fromAt, toAt: to, cases: expected - found, measures: { expected, found } },
    });
  }
  return observations;
}
