import { Injectable } from '@nestjs/common';
import { inspectionTerms } from '@holdfast/domains/catalog/core/source';
import { SourceService } from '@holdfast/domains/catalog/source.service';
import type { Micros } from '@holdfast/kernel';
import type { Observation, Scope } from '../core/finding';
import { countIn, merged, type Range, without } from '../core/ranges';
import { dueGaps, type Gap, type SequenceState, settled, summedUp, take } from '../core/sequence';
import { FindingRecorder } from '../finding-recorder.service';
import { InspectionStore, type ScopedRun } from '../inspection.store';
import { gapSeen, grouped, lostSeen, MOST_FINDINGS, runSeen, type Seen, sharedSeen } from './sequence-observations';
import { DAY, endOfSlice, FIRST_LOOK, MINUTE, type Progress, SETTLED } from './slices';

/** What is received in such a time is read at once, or in the half of it when its numbers come in no order, or are too many. */
const SLICE: Micros = 10 * MINUTE;
const SHORTEST: Micros = 1_000_000;
const MOST_RUNS = 50_000;
/** Ranges that are looked up at once, of one scope. */
const MOST_RANGES = 1_000;
/** Numbers are looked up among what was received so long ago at most. */
const LOOK_UP: Micros = 31 * DAY;

interface Standing extends Scope {
  state: SequenceState;
  inspectedTo: Micros;
  type: string | undefined;
}
const nameOf = ({ source, process, stage }: Scope): string => JSON.stringify([source, process, stage]);

/** Looks for numbers that are missing, used twice, late, or begin anew: of each source, process and stage, going on where it was the last time. */
@Injectable()
export class SequenceInspection {
  constructor(
    private readonly store: InspectionStore,
    private readonly recorder: FindingRecorder,
    private readonly sources: SourceService,
  ) {}

  async run({ at, heartbeat }: Progress): Promise<number> {
    const to = at - SETTLED;
    const mark = await this.store.markOr('sequences', at - FIRST_LOOK, to);
    let from = mark.inspectedTo;
    if (from >= to) return 0;
    const standings = new Map<string, Standing>();
    for (const known of await this.store.sequences()) standings.set(nameOf(known), { ...known, type: undefined });
    let seen = 0;
    for (let [slice, longest] = [SLICE, SLICE]; from < to;) {
      heartbeat();
      const until = endOfSlice(from, slice, to, mark.plannedTo);
      const runs = await this.store.runs(from, until, MOST_RUNS);
      const half = Math.max(SHORTEST, Math.floor((until - from) / 2));
      if (!runs) {
        if (until - from <= SHORTEST) throw new TooManyNumbers();
        slice = longest = half; // what the engine could not do once it is not asked for again in this run
        continue;
      }
      if (runs.length === MOST_RUNS && until - from > SHORTEST) {
        slice = half;
        continue;
      }
      await this.store.putMark('sequences', from, until);
      seen += await this.inspect(standings, runs, until);
      await this.store.putMark('sequences', until);
      from = until;
      slice = Math.min(runs.length === 0 ? DAY : longest, slice * 2); // over times without records in strides
    }
    return seen;
  }

  /** One slice: the findings first, then what the next slice begins with, so that one that was cut short is repeated as it was. */
  private async inspect(standings: Map<string, Standing>, runs: readonly ScopedRun[], until: Micros): Promise<number> {
    const sources = await this.sources.current();
    const byScope = grouped(runs, nameOf);
    const waiting = [...standings]
      .filter(([, { state }]) => state.gaps.some(({ told }) => !told))
      .map(([name]) => name);
    const observations: Observation[] = [];
    const changed: Standing[] = [];
    for (const name of new Set([...byScope.keys(), ...waiting])) {
      const terms = inspectionTerms(sources.get((byScope.get(name)?.[0] ?? standings.get(name)!).source));
      const inspected = await this.inspectScope(standings.get(name), byScope.get(name) ?? [], until, terms);
      if (!inspected) continue;
      for (const one of inspected.observations) observations.push(one);
      standings.set(name, inspected.standing);
      changed.push(inspected.standing);
    }
    await this.recorder.record(observations, until);
    await this.store.putSequences(changed, until);
    return observations.length;
  }

  private async inspectScope(
    known: Standing | undefined,
    runs: readonly ScopedRun[],
    until: Micros,
    { graceSeconds, outOfOrderBy }: { readonly graceSeconds: number; readonly outOfOrderBy: number },
  ): Promise<{ standing: Standing; observations: Observation[] } | undefined> {
    const { source, process, stage }: Scope = known ?? runs[0]!;
    const scope = { source, process, stage };
    const type = runs[0]?.type ?? known?.type;
    const seen: Seen[] = [];
    let state = known?.state;
    const reused: Range[] = [];
    const lost: Gap[] = [];
    const numberings = state ? [state.since] : [];
    for (const run of runs) {
      if (known && run.lastAt <= known.inspectedTo) continue; // a slice that was cut short after this scope
      const taken = take(state, run, outOfOrderBy);
      state = taken.state;
      if (numberings.at(-1) !== state.since) numberings.push(state.since);
      for (const range of taken.reused) reused.push(range);
      for (const gap of taken.lost) lost.push(gap);
      seen.push(...runSeen(taken, run));
    }
    if (!state) return undefined;
    seen.push(...lostSeen(lost, until), ...(await this.shared(scope, merged(reused), numberings, until)));
    const before = until - graceSeconds * 1_000_000;
    const { state: confirmed, changes } = await this.confirm(scope, state, known?.state, before, until);
    seen.push(...changes);
    const standing = { ...scope, state: settled(confirmed, before), inspectedTo: until, type };
    return { standing, observations: seen.map((one) => ({ ...one, scope, type })) };
  }

  /** What is about to be told as missing is looked up first: an insert may have taken longer than the settling time. */
  private async confirm(
    scope: Scope,
    state: SequenceState,
    known: SequenceState | undefined,
    before: Micros,
    until: Micros,
  ): Promise<{ state: SequenceState; changes: Seen[] }> {
    const { due } = dueGaps(state, before);
    const since = Math.max(state.since, until - LOOK_UP);
    const there: Range[] = [];
    for (const ranges of pagesOf(due.flatMap(({ missing }) => missing)))
      there.push(...(await this.store.received({ scope, ranges, since })));
    const isDue = new Set(due);
    const still = state.gaps.map((gap) =>
      isDue.has(gap) && there.length > 0
        ? { ...gap, missing: gap.missing.flatMap((range) => without(range, there)) }
        : gap,
    );
    const gaps = summedUp(still, before, MOST_FINDINGS);
    const confirmed = { ...state, gaps };
    const told = new Map(known?.gaps.filter((gap) => gap.told).map((gap) => [gap.from, countIn(gap.missing)]));
    const changes = [
      ...dueGaps(confirmed, before).due.map((gap) => gapSeen(gap, 'present', until)),
      ...gaps
        .filter((gap) => gap.told && countIn(gap.missing) > 0 && countIn(gap.missing) !== told.get(gap.from))
        .map((gap) => gapSeen(gap, 'changed', until)),
      ...dueGaps(confirmed, before).closed.map((gap) => gapSeen(gap, 'gone', until)),
    ];
    return { state: confirmed, changes };
  }

  /**
   * Numbers that were received again: of the same event they say nothing; of two events they are a finding.
   * @param numberings since when the numberings of the slice were received: each until the next one
   */
  private async shared(
    scope: Scope,
    reused: readonly Range[],
    numberings: readonly Micros[],
    until: Micros,
  ): Promise<Seen[]> {
    const seen: Seen[] = [];
    for (const [index, numbering] of numberings.entries()) {
      const since = Math.max(numbering, until - LOOK_UP);
      const to = index + 1 < numberings.length ? numberings[index + 1]! - 1 : until;
      const found = [];
      for (const ranges of pagesOf(reused)) found.push(...(await this.store.shared({ scope, ranges, since }, to)));
      seen.push(...sharedSeen(found, numbering));
    }
    return seen;
  }
}

/** A second of numbers is more than the engine can read. */
class TooManyNumbers extends Error {
  constructor() {
    super('the sequence numbers of one second are too many to be read');
  }
}

/** In pages of ranges that are looked up at once. */
function pagesOf(ranges: readonly Range[]): Range[][] {
  const pages: Range[][] = [];
  for (let at = 0; at < ranges.length; at += MOST_RANGES) pages.push(ranges.slice(at, at + MOST_RANGES));
  return pages;
}
