import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import type { Override } from './core/override';

const text = z.string();
const Stored = z.object({
  schedule: text,
  id: text,
  person: text,
  from: micros,
  to: micros,
  reason: text,
  by: text,
  at: micros,
  withdrawnBy: text,
  withdrawnAt: micros,
});
const listOverridesWithin = typedQuery(
  'oncall/list_overrides_within',
  z.object({ schedules: z.array(text), from: z.int(), to: z.int() }),
  Stored,
);
const listOverrides = typedQuery(
  'oncall/list_overrides',
  z.object({ schedule: text, override: text, beforeAt: z.int(), before: text, limit: z.int() }),
  Stored,
);
const OverrideRow = z.object({
  schedule: text,
  override: text,
  person: text,
  from_at: text,
  to_at: text,
  reason: text,
  made_by: text,
  made_at: text,
});
const WithdrawalRow = z.object({ schedule: text, override: text, withdrawn_by: text, withdrawn_at: text });

/** After every override. */
export const NEWEST: Micros = 7_258_118_400_000_000;

/** Overrides and their withdrawals: both are only ever added. */
@Injectable()
export class OnCallStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Those that share time with [from, to), in the order in which they were made. @param schedules none: of all */
  async within(schedules: readonly string[], from: Micros, to: Micros): Promise<Override[]> {
    const rows = await this.clickhouse.rows(listOverridesWithin, { schedules: [...schedules], from, to });
    return rows.map(overrideOf);
  }

  /** The last made first, of those before a place. */
  async list(schedule: string, beforeAt: Micros, before: string, limit: number): Promise<Override[]> {
    return (await this.clickhouse.rows(listOverrides, { schedule, override: '', beforeAt, before, limit })).map(
      overrideOf,
    );
  }

  async find(schedule: string, override: string): Promise<Override | undefined> {
    const newest = { beforeAt: NEWEST, before: '', limit: 1 };
    const row = await this.clickhouse.row(listOverrides, { schedule, override, ...newest });
    return row && overrideOf(row);
  }

  async add({ schedule, id, person, from, to, reason, by, at }: Omit<Override, 'withdrawn'>): Promise<void> {
    const row = {
      ...{ schedule, override: id, person, reason, made_by: by },
      from_at: formatInstant(from),
      to_at: formatInstant(to),
      made_at: formatInstant(at),
    };
    await this.clickhouse.insert('on_call_overrides', OverrideRow, [row]);
  }

  async withdraw(schedule: string, override: string, by: string, at: Micros): Promise<void> {
    const row = { schedule, override, withdrawn_by: by, withdrawn_at: formatInstant(at) };
    await this.clickhouse.insert('on_call_withdrawals', WithdrawalRow, [row]);
  }
}

/** What a join does not find has the values of no row. */
const overrideOf = ({ withdrawnBy, withdrawnAt, ...override }: z.output<typeof Stored>): Override => ({
  ...override,
  withdrawn: withdrawnBy === '' ? undefined : { by: withdrawnBy, at: withdrawnAt },
});
