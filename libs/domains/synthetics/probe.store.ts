import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import type { KeptProbe, ProbeOutcome } from './core/probe';

const text = z.string();
const Stored = z.object({
  instant: micros,
  version: z.int(),
  process: text,
  key: text,
  state: z.enum(['under_way', 'passed', 'broken']),
  stage: text,
  hop: text,
  fault: text,
  took: z.record(text, micros),
}) satisfies z.ZodType<KeptProbe>;

const listProbes = typedQuery(
  'synthetics/list_probes',
  z.object({ synthetic: text, before: z.int(), limit: z.int() }),
  Stored,
);
const findFailures = typedQuery(
  'synthetics/find_failures',
  z.object({ synthetic: text, to: z.int() }),
  z.object({ failures: z.coerce.number(), first: micros, last: micros }),
);
const findSelfCheck = typedQuery('synthetics/find_self_check', z.object({ name: text }), z.object({ last: micros }));
const Row = z.object({
  synthetic: text,
  at: text,
  version: z.int(),
  process: text,
  key: text,
  state: text,
  stage: text,
  hop: text,
  fault: text,
  took: z.record(text, z.int()),
  ended: z.int(),
});
const SelfCheckRow = z.object({ name: text, at: text });

export interface ProbeToKeep {
  readonly synthetic: string;
  readonly at: Micros;
  readonly version: number;
  readonly process: string;
  readonly key: string;
  /** Undefined while it is under way. */
  readonly outcome: ProbeOutcome | undefined;
}

/** Failures in a row. */
export interface Failures {
  readonly failures: number;
  readonly first: Micros;
  readonly last: Micros;
}

/** How probes ended. */
@Injectable()
export class ProbeStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Newest first, of those before a time. */
  list(synthetic: string, before: Micros, limit: number): Promise<KeptProbe[]> {
    return this.clickhouse.rows(listProbes, { synthetic, before, limit });
  }

  /** The last failures in a row up to a time; they may be over. */
  failures(synthetic: string, to: Micros): Promise<Failures | undefined> {
    return this.clickhouse.row(findFailures, { synthetic, to });
  }

  /** A repeat writes the same row, and the table keeps one; what has ended does not begin again. */
  async keep({ at, outcome, ...probe }: ProbeToKeep): Promise<void> {
    const state = outcome === undefined ? 'under_way' : outcome.broken ? 'broken' : 'passed';
    const { stage = '', hop = '', fault = '' } = outcome?.broken ?? {};
    const told = { state, stage, hop, fault, took: outcome?.took ?? {}, ended: outcome === undefined ? 0 : 1 };
    await this.clickhouse.insert('probes', Row, [{ ...probe, ...told, at: formatInstant(at) }]);
  }

  /** Writes, and reads what it wrote. @returns whether it was there */
  async canWriteAndRead(name: string, at: Micros): Promise<boolean> {
    await this.clickhouse.insert('self_checks', SelfCheckRow, [{ name, at: formatInstant(at) }]);
    const found = await this.clickhouse.row(findSelfCheck, { name });
    return found !== undefined && found.last >= at;
  }
}
