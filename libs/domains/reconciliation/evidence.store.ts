import { Injectable } from '@nestjs/common';
import type { Hop } from '@holdfast/domains/catalog/core/process';
import { BULK, ClickHouse, micros, typedQuery, uint64 } from '@holdfast/platform/clickhouse';
import type { Micros } from '@holdfast/kernel';
import { z } from 'zod';
import type { Commonality } from './core/causes';
import type { HourDigest } from './core/segments';
import type { SourceMark } from './core/watermark';
import type { Window } from './core/window';

const Count = z.coerce.number();
const Bounds = z.object({ process: z.string(), from: z.int(), to: z.int() });
/** Keys with rows in two hours may come twice. */
const Suspect = z.object({ key: z.string() });
const Weighed = Bounds.extend({ stages: z.array(z.string()), weights: z.array(z.bigint()) });

const sumDigests = typedQuery(
  'reconciliation/sum_digests',
  Bounds,
  z.object({ stage: z.string(), definition: z.number(), events: Count, digestSum: uint64, lastOccurredAt: micros }),
);
const sumDigestsByHour = typedQuery(
  'reconciliation/sum_digests_by_hour',
  Bounds,
  z.object({
    hour: micros,
    stage: z.string(),
    definition: z.number(),
    events: Count,
    digestSum: uint64,
    lastOccurredAt: micros,
  }),
);
const findWatermarks = typedQuery(
  'reconciliation/find_watermarks',
  z.object({ process: z.string(), from: z.int() }),
  z.object({ stage: z.string(), reached: micros }),
);
const Compared = Bounds.extend({
  reconciliation: z.string(),
  judgement: z.string(),
  kind: z.string(),
  hop: z.string(),
  most: z.int(),
  sample: z.int(),
});
const countKeysCompared = typedQuery(
  'reconciliation/count_keys_compared',
  Compared,
  z.object({ keys: Count, otherKeys: Count }),
  BULK,
);
const listCauses = typedQuery(
  'reconciliation/list_causes',
  Compared.extend({ least: z.int() }),
  z.object({
    stage: z.string(),
    name: z.string(),
    value: z.string(),
    keys: Count,
    otherKeys: Count,
  }) satisfies z.ZodType<Commonality>,
  BULK,
);
const AtStake = Bounds.extend({
  reconciliation: z.string(),
  judgement: z.string(),
  amount: z.array(z.string()),
  currency: z.array(z.string()),
  most: z.int(),
});
const sumAtStake = typedQuery(
  'reconciliation/sum_at_stake',
  AtStake,
  z.object({ currency: z.string(), value: z.coerce.number() }),
  BULK,
);
const findSourceWatermarks = typedQuery(
  'reconciliation/find_source_watermarks',
  z.object({ process: z.string() }),
  z.object({ stage: z.string(), source: z.string(), reached: micros, heardAt: micros }),
);
const listBatchEnds = typedQuery(
  'reconciliation/list_batch_ends',
  z.object({ process: z.string(), stage: z.string(), type: z.string(), since: z.int(), limit: z.int() }),
  z.object({ at: micros }),
);
const listSuspects = typedQuery('reconciliation/list_suspects', Weighed, Suspect, BULK);
const listSuspectsByHop = typedQuery(
  'reconciliation/list_suspects_by_hop',
  Bounds.extend({
    stages: z.array(z.string()),
    froms: z.array(z.array(z.int())),
    tos: z.array(z.array(z.int())),
    cardinalities: z.array(z.string()),
    sums: z.boolean(),
  }),
  Suspect,
  BULK,
);
const listAllKeys = typedQuery('reconciliation/list_all_keys', Bounds, Suspect, BULK);
const listLateKeys = typedQuery('reconciliation/list_late_keys', Bounds.extend({ deadline: z.int() }), Suspect, BULK);
const Keys = Bounds.extend({ keys: z.array(z.string()) });
const listSightings = typedQuery(
  'reconciliation/list_sightings',
  Keys.extend({ deadline: z.int() }),
  z.object({ key: z.string(), stage: z.string(), agreed: z.string(), at: micros, lateAt: micros, events: Count }),
  BULK,
);
const listSightingsWithData = typedQuery(
  'reconciliation/list_sightings_with_data',
  Keys,
  z.object({ key: z.string(), stage: z.string(), data: z.string(), occurredAt: micros }),
  BULK,
);

export type StageDigest = Awaited<ReturnType<EvidenceStore['digests']>>[number];
export type SuspectKey = z.output<typeof Suspect>;

/** What the tracked events say about a window. Reads the table of records by queries of its own: it is sorted and projected for them (docs/adr/0001). */
@Injectable()
export class EvidenceStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  digests({ process, from, to }: Window) {
    return this.clickhouse.rows(sumDigests, { process, from, to });
  }

  digestsByHour({ process, from, to }: Window): Promise<HourDigest[]> {
    return this.clickhouse.rows(sumDigestsByHour, { process, from, to });
  }

  /** When batches of a process ended after `since`, by when that happened; oldest first. */
  async batchEnds(process: string, { stage, type }: { stage: string; type: string }, since: Micros, limit: number) {
    const found = await this.clickhouse.rows(listBatchEnds, { process, stage, type, since, limit });
    return found.map(({ at }) => at);
  }

  /** How many keys with discrepancies of a judgement, and how many others, are compared for what they have in common. */
  async keysCompared(asked: z.input<typeof Compared>): Promise<{ keys: number; otherKeys: number }> {
    return (await this.clickhouse.row(countKeysCompared, asked)) ?? { keys: 0, otherKeys: 0 };
  }

  /** Attributes that so many keys with discrepancies have, and how many others have them. */
  commonalities(asked: z.input<typeof Compared> & { least: number }): Promise<Commonality[]> {
    return this.clickhouse.rows(listCauses, asked);
  }

  /** What keys with discrepancies are worth, by currency. @param asked `amount` and `currency`: members of the data, outermost first */
  atStake(asked: z.input<typeof AtStake>): Promise<{ currency: string; value: number }[]> {
    return this.clickhouse.rows(sumAtStake, asked);
  }

  /** How far each source has come. */
  sourceWatermarks(process: string): Promise<SourceMark[]> {
    return this.clickhouse.rows(findSourceWatermarks, { process });
  }

  /** How far each stage has come since `from`; stages without events since then are left out. */
  watermarks(process: string, from: Micros) {
    return this.clickhouse.rows(findWatermarks, { process, from });
  }

  /** Keys whose stages have unequal digests, in the table's order. @param weights one for each stage, adding up to 0 modulo 2^64 */
  suspects({ process, from, to }: Window, stages: readonly string[], weights: readonly bigint[], signal: AbortSignal) {
    return this.clickhouse.stream(
      listSuspects,
      { process, from, to, stages: [...stages], weights: [...weights] },
      signal,
    );
  }

  /** The same where some hop is not 1:1. @param sums whether a field is compared by its sum */
  suspectsByHop(
    { process, from, to }: Window,
    stages: readonly string[],
    hops: readonly Hop[],
    sums: boolean,
    signal: AbortSignal,
  ) {
    const places = (of: readonly string[]): number[] => of.map((stage) => stages.indexOf(stage) + 1);
    return this.clickhouse.stream(
      listSuspectsByHop,
      {
        process,
        from,
        to,
        stages: [...stages],
        froms: hops.map((hop) => places(hop.from)),
        tos: hops.map((hop) => places(hop.to)),
        cardinalities: hops.map(({ cardinality }) => cardinality),
        sums,
      },
      signal,
    );
  }

  allKeys({ process, from, to }: Window, signal: AbortSignal) {
    return this.clickhouse.stream(listAllKeys, { process, from, to }, signal);
  }

  lateKeys({ process, from, to }: Window, deadline: Micros, signal: AbortSignal) {
    return this.clickhouse.stream(listLateKeys, { process, from, to, deadline }, signal);
  }

  /**
   * Events of some keys that count, with their agreed fields as stored, key by key. `lateAt` is when one happened that happened after the deadline, 0 for the
   * others.
   */
  sightings({ process, from, to }: Window, keys: readonly string[], deadline: Micros, signal: AbortSignal) {
    return this.clickhouse.stream(listSightings, { process, from, to, keys: [...keys], deadline }, signal);
  }

  /** The same with their data, for fields that were not picked when they were stored. */
  sightingsWithData({ process, from, to }: Window, keys: readonly string[], signal: AbortSignal) {
    return this.clickhouse.stream(listSightingsWithData, { process, from, to, keys: [...keys] }, signal);
  }
}
