import { Inject, Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import { CLAIM_MICROS, type ClaimRow } from './idempotency-claims';

const state = z.enum(['claimed', 'answered', 'released']);
const listClaims = typedQuery(
  'platform/list_idempotency_claims',
  z.object({ key_hash: z.string(), since: z.int() }),
  z.object({
    claim: z.string(),
    state,
    request_hash: z.string(),
    status: z.number(),
    answer: z.string(),
    at: micros,
  }),
);
const Row = z.object({
  key_hash: z.string().length(64),
  claim: z.string(),
  state,
  request_hash: z.string().length(64),
  status: z.int(),
  answer: z.string(),
  at: z.string(),
});

/** The table idempotency_keys. */
@Injectable()
export class IdempotencyStore {
  /** How often a call under way renews its claim, in ms. */
  renewEveryMs = CLAIM_MICROS / 3_000;

  constructor(@Inject(ClickHouse) private readonly clickhouse: ClickHouse) {}

  /** @param since what is older is forgotten */
  claims(keyHash: string, since: Micros): Promise<ClaimRow[]> {
    return this.clickhouse.rows(listClaims, { key_hash: keyHash, since });
  }

  async write(keyHash: string, row: ClaimRow): Promise<void> {
    await this.clickhouse.insert('idempotency_keys', Row, [{ key_hash: keyHash, ...row, at: formatInstant(row.at) }]);
  }
}
