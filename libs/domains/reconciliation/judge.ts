import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { comparedStages, definitionOf, type Process } from '@holdfast/domains/catalog/core/process';
import { newId, type Micros } from '@holdfast/kernel';
import { agreedValues } from './core/agreed-values';
import { compareKey, type Discrepancy, type Sighting, type Terms } from './core/compare';
import { fingerprintOf, levelStages } from './core/digests';
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
    const stages = comparedStages(process);
    const level = levelStages(digests, stages, definitionOf(process), process.cardinality);
    const judgement = newId();
    const judgedAt = Date.now() * 1000;
    const anyLate = digests.some(({ lastOccurredAt }) => lastOccurredAt > deadline);
    const found = {
      judgement,
      fingerprint: fingerprintOf(digests),
      stageCounts: countsOf(digests, stages),
    };
    if (level === 'equal' && !anyLate) return { ...found, lookedAtKeys: false };

    const terms: Terms = { stages, fields: process.fields, cardinality: process.cardinality, deadline };
    let looked = 0;
    for await (const keys of chunked(this.suspects(window, terms, level, anyLate, signal))) {
      const sightings = this.sightings(window, keys, terms, level === 'other-definition', signal);
      let discrepancies: Discrepancy[] = [];
      for await (const [key, stages] of byKey(sightings)) {
        discrepancies.push(...compareKey(key, stages, terms));
        if (discrepancies.length < CHUNK) continue;
        await this.store.addDiscrepancies(reconciliation, judgement, judgedAt, discrepancies);
        discrepancies = [];
      }
      await this.store.addDiscrepancies(reconciliation, judgement, judgedAt, discrepancies);
      progress((looked += keys.length));
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

  /** Events of some keys, key by key. @param pickAgain from their data: what was picked from it when they came is not what agrees now */
  private async *sightings(
    window: Window,
    keys: readonly string[],
    { fields, deadline }: Terms,
    pickAgain: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<KeyedSighting[]> {
    if (pickAgain) {
      for await (const rows of this.evidence.sightingsWithData(window, keys, signal))
        yield rows.map(({ key, stage, data, occurredAt }) => {
          const lateAt = occurredAt > deadline ? occurredAt : 0;
          return { key, stage, events: 1, sighting: { values: agreedValues(data, fields), lateAt } };
        });
    } else {
      for await (const rows of this.evidence.sightings(window, keys, deadline, signal))
        yield rows.map(({ key, stage, agreed, lateAt, events }) => {
          return { key, stage, events, sighting: { values: JSON.parse(agreed) as unknown[], lateAt } };
        });
    }
  }
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
