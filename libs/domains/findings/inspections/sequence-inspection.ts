import { Injectable } from '@nestjs/common';
import { inspectionTerms } from '@holdfast/domains/catalog/core/source';
import { SourceService } from '@holdfast/domains/catalog/source.service';
import type { Micros } from '@holdfast/kernel';
import type { Observation, Scope } from '../core/finding';
import { countIn, merged, type Range, without } from '../core/ranges';
import { dueGaps, type Gap, type SequenceState, settled, take, type Taken } from '../core/sequence';
import { FindingRecorder } from '../finding-recorder';
import { InspectionStore, type ScopedRun } from '../inspection.store';
import { DAY, FIRST_LOOK, MINUTE, type Progress, SETTLED } from './slices';

/** What is received in such a time is read at once, or in the half of it when its numbers come in no order. */
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
    let from = (await this.store.mark('sequences')) ?? at - FIRST_LOOK;
    if (from >= to) return 0;
    const standings = new Map<string, Standing>();
    for (const known of await this.store.sequences()) standings.set(nameOf(known), { ...known, type: undefined });
    let seen = 0;
    for (let slice = SLICE; from < to;) {
      heartbeat();
      const until = Math.min(to, from + slice);
      const runs = await this.store.runs(from, until, MOST_RUNS);
      if (runs.length === MOST_RUNS && until - from > SHORTEST) {
        slice = Math.max(SHORTEST, Math.floor((until - from) / 2));
        continue;
      }
      seen += await this.inspect(standings, runs, until);
      await this.store.putMark('sequences', until);
      from = until;
      slice = runs.length === 0 ? Math.min(DAY, slice * 2) : Math.min(SLICE, slice * 2); // over times without records in strides
    }
    return seen;
  }

  /** One slice: the findings first, then what the next slice begins with, so that one that was cut short is repeated as it was. */
  private async inspect(standings: Map<string, Standing>, runs: readonly ScopedRun[], until: Micros): Promise<number> {
    const sources = await this.sources.current();
    const byScope = new Map<string, ScopedRun[]>();
    for (const run of runs) byScope.set(nameOf(run), [...(byScope.get(nameOf(run)) ?? []), run]);
    const waiting = [...standings]
      .filter(([, { state }]) => state.gaps.some(({ told }) => !told))
      .map(([name]) => name);
    const observations: Observation[] = [];
    const changed: Standing[] = [];
    for (const name of new Set([...byScope.keys(), ...waiting])) {
      const terms = inspectionTerms(sources.get((byScope.get(name)?.[0] ?? standings.get(name)!).source));
      const inspected = await this.inspectScope(standings.get(name), byScope.get(name) ?? [], until, terms);
      if (!inspected) continue;
      observations.push(...inspected.observations);
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
    const scope: Scope = known ?? runs[0]!;
    const type = runs[0]?.type ?? known?.type;
    const observations: Observation[] = [];
    const see = (seen: Omit<Observation, 'scope' | 'type'>): void =>
      void observations.push({
        ...seen,
        scope: { source: scope.source, process: scope.process, stage: scope.stage },
        type,
      });
    let state = known?.state;
    const reused: Range[] = [];
    for (const run of runs) {
      if (known && run.lastAt <= known.inspectedTo) continue; // a slice that was cut short after this scope
      const taken = take(state, run, outOfOrderBy);
      state = taken.state;
      reused.push(...taken.reused);
      for (const one of seenOf(taken, run)) see(one);
    }
    if (!state) return undefined;
    for (const one of await this.shared(scope, reused, state, until)) see(one);
    const before = until - graceSeconds * 1_000_000;
    const { state: confirmed, changes } = await this.confirm(scope, state, known?.state, before, until);
    for (const one of changes) see(one);
    const standing = { ...scope, state: settled(confirmed, before), inspectedTo: until, type };
    return { standing, observations };
  }

  /** What is about to be told as missing is looked up first: an insert may have taken longer than the settling time. */
  private async confirm(
    scope: Scope,
    state: SequenceState,
    known: SequenceState | undefined,
    before: Micros,
    until: Micros,
  ): Promise<{ state: SequenceState; changes: Omit<Observation, 'scope' | 'type'>[] }> {
    const { due } = dueGaps(state, before);
    const ranges = due.flatMap(({ missing }) => missing).slice(0, MOST_RANGES);
    const since = Math.max(state.since, until - LOOK_UP);
    const there = await this.store.received({ scope, ranges, since });
    const isDue = new Set(due);
    const gaps = state.gaps.map((gap) =>
      isDue.has(gap) && there.length > 0
        ? { ...gap, missing: gap.missing.flatMap((range) => without(range, there)) }
        : gap,
    );
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

  /** Numbers that were received again: of the same event they say nothing; of two events they are a finding. */
  private async shared(
    scope: Scope,
    reused: readonly Range[],
    { since }: SequenceState,
    until: Micros,
  ): Promise<Omit<Observation, 'scope' | 'type'>[]> {
    const ranges = merged(reused).slice(0, MOST_RANGES);
    const numbers = await this.store.shared({ scope, ranges, since: Math.max(since, until - LOOK_UP) });
    const found = new Map(numbers.map((one) => [one.number, one]));
    return merged(numbers.map(({ number }) => ({ from: number, to: number }))).map((range) => {
      const of = [...found.values()].filter(({ number }) => number >= range.from && number <= range.to);
      return {
        ...{ kind: 'sequence_duplicate', begins: String(range.from), standing: 'present', adds: false },
        extent: {
          numbers: range,
          fromAt: Math.min(...of.map(({ firstAt }) => firstAt)),
          toAt: Math.max(...of.map(({ lastAt }) => lastAt)),
          cases: of.reduce((sum, { events }) => sum + events, 0),
          measures: { numbers: of.length },
        },
      };
    });
  }
}

function gapSeen(gap: Gap, standing: Observation['standing'], until: Micros): Omit<Observation, 'scope' | 'type'> {
  const cases = countIn(gap.missing);
  return {
    ...{ kind: 'sequence_gap', begins: String(gap.from), standing, adds: false },
    extent: {
      numbers: { from: gap.from, to: gap.to },
      ...{ fromAt: gap.since, toAt: until, cases },
      measures: { passedOver: gap.to - gap.from + 1, missing: cases },
    },
  };
}

/** What a run says by itself: numbers that came late, a restart, gaps that nothing can close any more. */
function seenOf(
  { late, lateRange, restartedAfter, lost, state }: Taken,
  run: ScopedRun,
): Omit<Observation, 'scope' | 'type'>[] {
  const seen: Omit<Observation, 'scope' | 'type'>[] = lost
    .filter(({ told, missing }) => !told && missing.length > 0)
    .map((gap) => gapSeen(gap, 'present', run.lastAt));
  const span = { fromAt: run.firstAt, toAt: run.lastAt };
  if (late > 0)
    seen.push({
      ...{ kind: 'out_of_order', begins: '', standing: 'present', adds: true },
      extent: { ...span, numbers: lateRange, cases: late, measures: { highest: state.highest } },
    });
  if (restartedAfter !== undefined)
    seen.push({
      ...{ kind: 'sequence_reset', begins: String(state.since), standing: 'present', adds: false },
      extent: {
        ...{ numbers: { from: state.lowest, to: state.highest }, fromAt: state.since, toAt: run.lastAt, cases: 1 },
        measures: { highestBefore: restartedAfter },
      },
    });
  return seen;
}
