import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { BACKGROUND, ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import type { Check } from './core/reference';

const text = z.string();
const count = z.coerce.number().pipe(z.int());
const stage = { process: text, stage: text };
const listStageKeys = typedQuery(
  'quality/list_stage_keys',
  z.object({ ...stage, from: z.int(), to: z.int() }),
  z.object({ key: text }),
  BACKGROUND,
);
const listPresentKeys = typedQuery(
  'quality/list_present_keys',
  z.object({ ...stage, keys: z.array(text) }),
  z.object({ key: text }),
  BACKGROUND,
);
const listChecks = typedQuery(
  'quality/list_checks',
  z.object({ reference: text, before: z.int(), leastSucceeded: z.int(), limit: z.int() }),
  z.object({
    checkedAt: micros,
    version: z.number(),
    coversFrom: micros,
    coversTo: micros,
    tracked: count,
    business: count,
    orphansInTracking: count,
    orphansInBusiness: count,
    examplesInTracking: z.array(text),
    examplesInBusiness: z.array(text),
    failureCode: text,
    failureDetail: text,
  }),
);
const listLastChecks = typedQuery('quality/list_last_checks', z.object({}), z.object({ id: text, at: micros }));
const CheckRow = z.object({
  reference: text,
  checked_at: text,
  version: z.int(),
  covers_from: text,
  covers_to: text,
  tracked: z.int(),
  business: z.int(),
  orphans_in_tracking: z.int(),
  orphans_in_business: z.int(),
  examples_in_tracking: z.array(text),
  examples_in_business: z.array(text),
  failure_code: text,
  failure_detail: text,
  succeeded: z.int(),
});

/** Keys of stages, and what came of comparing them. */
@Injectable()
export class ReferenceStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Keys that came to a stage in [from, to), in order. */
  async *stageKeys(
    process: string,
    stage: string,
    from: Micros,
    to: Micros,
    signal: AbortSignal,
  ): AsyncGenerator<string[]> {
    for await (const rows of this.clickhouse.stream(listStageKeys, { process, stage, from, to }, signal))
      yield rows.map(({ key }) => key);
  }

  async presentKeys(process: string, stage: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.clickhouse.rows(listPresentKeys, { process, stage, keys: [...keys] });
    return new Set(rows.map(({ key }) => key));
  }

  /** Newest first, of those before a time. */
  checks(reference: string, before: Micros, limit: number): Promise<Check[]> {
    return this.checksOf(reference, before, 0, limit);
  }

  /** The newest before a time that came to its end. */
  async lastSucceeded(reference: string, before: Micros): Promise<Check | undefined> {
    return (await this.checksOf(reference, before, 1, 1))[0];
  }

  private async checksOf(reference: string, before: Micros, leastSucceeded: 0 | 1, limit: number): Promise<Check[]> {
    const rows = await this.clickhouse.rows(listChecks, { reference, before, leastSucceeded, limit });
    return rows.map(({ failureCode: code, failureDetail: detail, ...check }) => ({
      ...check,
      ...(code !== '' && { failure: { code, detail } }),
    }));
  }

  /** When each reference was checked last. */
  async lastChecks(): Promise<Map<string, Micros>> {
    return new Map((await this.clickhouse.rows(listLastChecks, {})).map(({ id, at }) => [id, at]));
  }

  /** Kept once, however often it is written; one that came to its end takes the place of one that failed at the same time. */
  async append(reference: string, one: Check): Promise<void> {
    await this.clickhouse.insert('reference_checks', CheckRow, [
      {
        reference,
        checked_at: formatInstant(one.checkedAt),
        version: one.version,
        covers_from: formatInstant(one.coversFrom),
        covers_to: formatInstant(one.coversTo),
        ...{ tracked: one.tracked, business: one.business },
        orphans_in_tracking: one.orphansInTracking,
        orphans_in_business: one.orphansInBusiness,
        examples_in_tracking: [...one.examplesInTracking],
        examples_in_business: [...one.examplesInBusiness],
        failure_code: one.failure?.code ?? '',
        failure_detail: one.failure?.detail ?? '',
        succeeded: one.failure ? 0 : 1,
      },
    ]);
  }
}
