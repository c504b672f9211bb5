import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  comparedStages,
  definitionOf,
  type JudgementBudget,
  type Process,
} from '@holdfast/domains/catalog/core/process';
import { hopsOf, isPlain } from '@holdfast/domains/catalog/core/topology';
import { type FieldPlan, fieldPlans } from '@holdfast/domains/tracking/core/agreed';
import { formatInstant, newId, type Micros } from '@holdfast/kernel';
import { agreedValues } from './core/agreed-values';
import { NOTHING_SPENT, type Spent, spentBudget } from './core/budget';
import { compareKey, type Discrepancy, type Sighting, type Terms } from './core/compare';
import { fingerprintOf, levelOf } from './core/digests';
import { type Segment, segmentsOf } from './core/segments';
import { type Window } from './core/window';
import { EvidenceStore, type StageDigest, type SuspectKey } from './evidence.store';
import { ReconciliationStore } from './reconciliation.store';

/** Keys whose events are asked for at once, and discrepancies that are written at once. Events are compared as they stream: memory holds those of one key. */
const CHUNK = 20_000;

/** What a judgement found. Its discrepancies are written, and count once a verdict names it. */
export interface Finding {
  readonly judgement: string;
  /** False when counts and digests agreed, so that no key was looked at. */
  readonly lookedAtKeys: boolean;
  readonly fingerprint: string;
  readonly stageCounts: Record<string, number>;
}

/** How far a judgement has come: whoever takes it up after a crash goes on behind the last segment that was finished. */
export interface JudgementProgress extends Omit<Finding, 'lookedAtKeys'> {
  readonly judgedAt: Micros;
  /** Segments that end by then are finished. */
  readonly done: Micros;
  readonly spent: Spent;
}

interface Course {
  readonly signal: AbortSignal;
  /** Where an earlier attempt was. */
  readonly from: JudgementProgress | undefined;
  /** Is told at the beginning, and behind each segment. */
  readonly save: (progress: JudgementProgress) => void;
}

/** Compares the stages of a window: counts and digests first; keys in the hours where those differ; fields of the keys that differ. */
@Injectable()
export class Judge {
  constructor(
    private readonly evidence: EvidenceStore,
    private readonly store: ReconciliationStore,
  ) {}

  async judge(
    window: Window,
    reconciliation: string,
    process: Process,
    deadline: Micros,
    course: Course,
  ): Promise<Finding> {
    const digests = await this.evidence.digests(window);
    const hops = hopsOf(process);
    const anyLate = digests.some(({ lastOccurredAt }) => lastOccurredAt > deadline);
    let progress = course.from ?? {
      judgement: newId(),
      judgedAt: Date.now() * 1000,
      fingerprint: fingerprintOf(digests),
      stageCounts: countsOf(digests, comparedStages(process)),
      done: window.from,
      spent: NOTHING_SPENT,
    };
    const finding = (lookedAtKeys: boolean): Finding => {
      const { judgement, fingerprint, stageCounts } = progress;
      return { judgement, fingerprint, stageCounts, lookedAtKeys };
    };
    const definition = definitionOf(process);
    if (!course.from && !anyLate && levelOf(digests, hops, definition) === 'equal') return finding(false);

    course.save(progress);
    const { budget = {}, fields, duplicates = 'report' } = process;
    const terms: Terms = { stages: comparedStages(process), hops, fields, duplicates, deadline };
    const hours = await this.evidence.digestsByHour(window);
    const segments = segmentsOf(window, hours, hops, definition, deadline, budget.rows);
    const look = new Look(this.evidence, this.store, window, reconciliation, terms, {
      isPlain: isPlain(process),
      picksAgain: segments.some(({ level }) => level === 'other-definition'),
    });
    for (const segment of segments.filter(({ to }) => to > progress.done)) {
      const outcome = await look.at(segment, progress, budget, course.signal);
      progress = { ...progress, spent: outcome.spent, done: segment.to };
      if (outcome.budget !== undefined) {
        await look.giveUp(segment.from, outcome.budget, progress);
        return finding(true);
      }
      course.save(progress);
    }
    return finding(true);
  }
}

/** A look at keys, segment by segment. */
class Look {
  private readonly plans: ReadonlyMap<string, readonly FieldPlan[]>;

  constructor(
    private readonly evidence: EvidenceStore,
    private readonly store: ReconciliationStore,
    private readonly window: Window,
    private readonly reconciliation: string,
    private readonly terms: Terms,
    private readonly how: {
      /** Every hop is 1:1. */
      readonly isPlain: boolean;
      /** Some digests were made of other fields: a key may have events of both. */
      readonly picksAgain: boolean;
    },
  ) {
    this.plans = new Map(terms.stages.map((stage) => [stage, fieldPlans(terms.fields, stage)]));
  }

  /** @returns what was spent, and which budget, if one is: what was found until then is written */
  async at(
    segment: Segment,
    { judgement, judgedAt, spent }: JudgementProgress,
    budget: JudgementBudget,
    signal: AbortSignal,
  ): Promise<{ spent: Spent; budget: string | undefined }> {
    const began = performance.now();
    const meter = { ...spent, rows: spent.rows + segment.events };
    const isSpent = (): string | undefined =>
      spentBudget(budget, { ...meter, milliseconds: spent.milliseconds + performance.now() - began });
    const found: Discrepancy[] = [];
    const write = async (): Promise<void> =>
      this.store.addDiscrepancies(this.reconciliation, judgement, judgedAt, found.splice(0));
    const clock = clockOf(budget, spent);
    const either = AbortSignal.any([signal, clock.signal]);
    let reached = isSpent();
    try {
      if (reached === undefined)
        for await (const keys of chunked(this.suspects(segment, either))) {
          for await (const [key, stages] of byKey(this.sightings(keys, meter, either))) {
            const own = compareKey(key, stages, this.terms);
            meter.discrepancies += own.length;
            found.push(...own);
            if (found.length >= CHUNK) await write();
            if ((reached = isSpent()) !== undefined) break;
          }
          if (reached !== undefined) break;
        }
    } catch (error) {
      if (signal.aborted || !clock.signal.aborted) throw error;
      reached = `${budget.seconds} seconds`;
    } finally {
      clock.stop();
    }
    await write();
    return { spent: { ...meter, milliseconds: spent.milliseconds + performance.now() - began }, budget: reached };
  }

  /** Says of the rest of the window that nobody looked at it. */
  async giveUp(from: Micros, budget: string, { judgement, judgedAt }: JudgementProgress): Promise<void> {
    const span = `${formatInstant(from)}/${formatInstant(this.window.to)}`;
    const undecided = { stage: '', hop: '', field: '', rank: 'critical', since: from } as const;
    await this.store.addDiscrepancies(this.reconciliation, judgement, judgedAt, [
      { ...undecided, key: span, kind: 'undecided', expected: 'judged', found: `the budget of ${budget} is spent` },
    ]);
  }

  private async *suspects(segment: Segment, signal: AbortSignal): AsyncGenerator<SuspectKey[]> {
    const { process } = this.window;
    const part = { process, from: segment.from, to: segment.to };
    const { hops, stages, deadline, fields } = this.terms;
    if (segment.level === 'other-definition') {
      yield* this.evidence.allKeys(part, signal);
      return;
    }
    // A key that is both late and unequal comes twice; its rows replace each other.
    if (segment.anyLate) yield* this.evidence.lateKeys(part, deadline, signal);
    if (segment.level === 'equal') return;
    const sums = fields.some(({ compare }) => compare === 'sum');
    if (this.how.isPlain) yield* this.evidence.suspects(part, stages, weightsOf(stages, hops), signal);
    else yield* this.evidence.suspectsByHop(part, stages, hops, sums, signal);
  }

  /** Events of some keys, key by key, wherever in the window they stand. Where digests were made of other fields, these are picked again from the data. */
  private async *sightings(
    keys: readonly string[],
    meter: { bytes: number },
    signal: AbortSignal,
  ): AsyncGenerator<KeyedSighting[]> {
    const { deadline } = this.terms;
    if (this.how.picksAgain) {
      for await (const rows of this.evidence.sightingsWithData(this.window, keys, signal)) {
        yield rows.flatMap(({ key, stage, data, occurredAt: at }) => {
          const plans = this.plans.get(stage);
          if (!plans) return []; // an observer
          meter.bytes += data.length;
          const lateAt = at > deadline ? at : 0;
          return [{ key, stage, events: 1, sighting: { values: agreedValues(data, plans), at, lateAt } }];
        });
      }
      return;
    }
    for await (const rows of this.evidence.sightings(this.window, keys, deadline, signal))
      yield rows.map(({ key, stage, agreed, at, lateAt, events }) => {
        meter.bytes += agreed.length;
        return { key, stage, events, sighting: { values: JSON.parse(agreed) as unknown[], at, lateAt } };
      });
  }
}

/** Ends when the seconds that are left of a budget are over. */
function clockOf({ seconds }: JudgementBudget, { milliseconds }: Spent): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  const left = seconds === undefined ? undefined : Math.max(0, seconds * 1000 - milliseconds);
  const timer = left === undefined ? undefined : setTimeout(() => controller.abort(), left);
  return { signal: controller.signal, stop: () => clearTimeout(timer) };
}

interface KeyedSighting {
  readonly key: string;
  readonly stage: string;
  /** How many events are alike. */
  readonly events: number;
  readonly sighting: Sighting;
}

/** Gathers what comes key by key. */
async function* byKey(
  batches: AsyncIterable<readonly KeyedSighting[]>,
): AsyncGenerator<[key: string, stages: Map<string, Sighting[]>]> {
  let current: string | undefined;
  let stages = new Map<string, Sighting[]>();
  for await (const batch of batches) {
    for (const { key, stage, events, sighting } of batch) {
      if (key !== current) {
        if (current !== undefined) yield [current, stages];
        current = key;
        stages = new Map();
      }
      const sightings = stages.get(stage) ?? [];
      for (let i = 0; i < events; i++) sightings.push(sighting);
      stages.set(stage, sightings);
    }
  }
  if (current !== undefined) yield [current, stages];
}

/** Gathers the keys of small batches into chunks, each once. A key with events in two hours may come again with a later chunk: it is compared over the whole window each time, and its rows replace each other. */
async function* chunked(batches: AsyncIterable<SuspectKey[]>): AsyncGenerator<string[]> {
  const chunk = new Set<string>();
  for await (const batch of batches) {
    for (const { key } of batch) {
      chunk.add(key);
      if (chunk.size < CHUNK) continue;
      yield [...chunk];
      chunk.clear();
    }
  }
  if (chunk.size > 0) yield [...chunk];
}

/**
 * A random odd number for each hop, added to the stages that it comes from and taken from those that it leads to, modulo 2^64: the weighted sum of digests is 0 where both sides of each hop
 * have equal ones, and otherwise almost never.
 */
function weightsOf(stages: readonly string[], hops: Terms['hops']): bigint[] {
  const weights = new Map<string, bigint>(stages.map((stage) => [stage, 0n]));
  for (const { from, to } of hops) {
    const weight = randomBytes(8).readBigInt64LE() | 1n;
    for (const stage of from) weights.set(stage, weights.get(stage)! + weight);
    for (const stage of to) weights.set(stage, weights.get(stage)! - weight);
  }
  return stages.map((stage) => BigInt.asIntN(64, weights.get(stage)!));
}

function countsOf(digests: readonly StageDigest[], stages: readonly string[]): Record<string, number> {
  const counts = Object.fromEntries(stages.map((stage) => [stage, 0]));
  for (const { stage, events } of digests) counts[stage] = (counts[stage] ?? 0) + events;
  return counts;
}
