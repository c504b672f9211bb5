import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { definitionOf, type Process } from '@holdfast/domains/catalog/core/process';
import { newId, type Micros } from '@holdfast/kernel';
import { agreedValues } from './core/agreed-values';
import { compareKey, type Discrepancy, type Sighting, type Terms } from './core/compare';
import { fingerprintOf, levelStages } from './core/digests';
import { type Window } from './core/window';
import { EvidenceStore, type StageDigest, type SuspectKey } from './evidence.store';
import { ReconciliationStore } from './reconciliation.store';

/** Suspects whose events are read at once: bounds memory at any size of window. */
const CHUNK = 5_000;

/** What a judgement found. Its discrepancies are written, and count once a verdict names it. */
export interface Finding {
  readonly judgement: string;
  readonly judgedAt: Micros;
  /** False when counts and digests agreed, so that no key was looked at. */
  readonly lookedAtKeys: boolean;
  readonly fingerprint: string;
  readonly stageCounts: Record<string, number>;
}

/** Compares the stages of a window: counts and digests first; keys where those differ; fields of the keys that differ. */
@Injectable()
export class Judge {
  constructor(
    private readonly evidence: EvidenceStore,
    private readonly store: ReconciliationStore,
  ) {}

  /** @param progress is told how many keys were looked at, at least every few seconds */
  async judge(
    window: Window,
    reconciliation: string,
    process: Process,
    deadline: Micros,
    signal: AbortSignal,
    progress: (keys: number) => void,
  ): Promise<Finding> {
    const digests = await this.evidence.digests(window);
    const stages = process.stages.map(({ id }) => id);
    const level = levelStages(digests, stages, definitionOf(process), process.cardinality);
    const judgement = newId();
    const judgedAt = Date.now() * 1000;
    const anyLate = digests.some(({ lastOccurredAt }) => lastOccurredAt > deadline);
    const found = {
      judgement,
      judgedAt,
      fingerprint: fingerprintOf(digests),
      stageCounts: countsOf(digests, stages),
    };
    if (level === 'equal' && !anyLate) return { ...found, lookedAtKeys: false };

    const terms: Terms = { stages, fields: process.fields, cardinality: process.cardinality, deadline };
    let keys = 0;
    for await (const suspects of chunked(this.suspects(window, terms, level, anyLate, signal))) {
      const discrepancies = await this.compare(window, suspects, terms, level === 'other-definition');
      await this.store.addDiscrepancies(reconciliation, judgement, judgedAt, discrepancies);
      progress((keys += suspects.length));
    }
    return { ...found, lookedAtKeys: true };
  }

  private async *suspects(
    window: Window,
    { stages, cardinality, deadline }: Terms,
    level: ReturnType<typeof levelStages>,
    anyLate: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<SuspectKey[]> {
    if (level === 'other-definition') {
      yield* this.evidence.allKeys(window, signal);
      return;
    }
    // A key that is both late and unequal comes twice; its rows replace each other.
    if (anyLate) yield* this.evidence.lateKeys(window, deadline, signal);
    if (level === 'equal') return;
    if (cardinality === '1:n') yield* this.evidence.suspectsOneToMany(window, stages, signal);
    else yield* this.evidence.suspects(window, stages, weightsOf(stages.length), signal);
  }

  private async compare(
    window: Window,
    suspects: readonly SuspectKey[],
    terms: Terms,
    pickAgain: boolean,
  ): Promise<Discrepancy[]> {
    const seen = new Map<string, Map<string, Sighting[]>>();
    const add = (key: string, stage: string, sighting: Sighting, times: number): void => {
      const stages = seen.get(key) ?? new Map<string, Sighting[]>();
      const sightings = stages.get(stage) ?? [];
      for (let i = 0; i < times; i++) sightings.push(sighting);
      seen.set(key, stages.set(stage, sightings));
    };
    if (pickAgain) {
      for (const { key, stage, data, occurredAt } of await this.evidence.sightingsWithData(window, suspects)) {
        add(key, stage, { values: agreedValues(data, terms.fields), occurredAt }, 1);
      }
    } else {
      for (const { key, stage, agreed, occurredAt, events } of await this.evidence.sightings(window, suspects)) {
        add(key, stage, { values: JSON.parse(agreed) as unknown[], occurredAt }, events);
      }
    }
    return [...seen].flatMap(([key, stages]) => compareKey(key, stages, terms));
  }
}

/** Gathers suspects of small batches into chunks, each place once. A key with events in two hours comes with both, and is compared over both. */
async function* chunked(batches: AsyncIterable<SuspectKey[]>): AsyncGenerator<SuspectKey[]> {
  let chunk = new Map<string, SuspectKey>();
  for await (const batch of batches) {
    for (const suspect of batch) {
      chunk.set(`${suspect.hour}/${suspect.key}`, suspect);
      if (chunk.size < CHUNK) continue;
      yield [...chunk.values()];
      chunk = new Map();
    }
  }
  if (chunk.size > 0) yield [...chunk.values()];
}

/** Random odd weights that add up to 0 modulo 2^64: the weighted sum of equal digests is 0, of unequal ones almost never. */
function weightsOf(stages: number): bigint[] {
  const weights = Array.from({ length: stages - 1 }, () => BigInt.asIntN(64, randomBytes(8).readBigInt64LE() | 1n));
  return [...weights, BigInt.asIntN(64, -weights.reduce((sum, one) => sum + one, 0n))];
}

function countsOf(digests: readonly StageDigest[], stages: readonly string[]): Record<string, number> {
  const counts = Object.fromEntries(stages.map((stage) => [stage, 0]));
  for (const { stage, events } of digests) counts[stage] = (counts[stage] ?? 0) + events;
  return counts;
}
