import { Injectable } from '@nestjs/common';
import { formatInstant } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import { DESTRUCTION_STATES } from './core/archive';

const text = z.string();
const Destruction = z.object({
  keyId: text,
  state: z.enum(DESTRUCTION_STATES),
  reason: text,
  requestedBy: text,
  requestedAt: micros,
  approveBy: micros,
  answeredBy: text,
  changedAt: micros,
});
export type StoredDestruction = z.output<typeof Destruction>;

const findDestruction = typedQuery('archives/find_destruction', z.object({ keyId: text }), Destruction);
const Row = z.object({
  key_id: text,
  state: text,
  reason: text,
  requested_by: text,
  requested_at: text,
  approve_by: text,
  answered_by: text,
  changed_at: text,
});

/** Requests to destroy keys of archives. */
@Injectable()
export class DestructionStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  find(keyId: string): Promise<StoredDestruction | undefined> {
    return this.clickhouse.row(findDestruction, { keyId });
  }

  /** A repeat is kept once. */
  async keep(of: StoredDestruction): Promise<void> {
    await this.clickhouse.insert('archive_key_destructions', Row, [
      {
        ...{ key_id: of.keyId, state: of.state, reason: of.reason, requested_by: of.requestedBy },
        ...{ requested_at: formatInstant(of.requestedAt), approve_by: formatInstant(of.approveBy) },
        ...{ answered_by: of.answeredBy, changed_at: formatInstant(of.changedAt) },
      },
    ]);
  }
}
