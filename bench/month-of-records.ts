import type { ClickHouseClient } from '@clickhouse/client';

export const PROCESSES = 20;
const CHUNK = 1_000_000;

/** A month of records, each key at two stages. @param month such as 2019-05 */
export async function loadMonth(client: ClickHouseClient, month: string, rows: number): Promise<void> {
  for (let from = 0; from < rows; from += CHUNK)
    await client.command({
      query: `
INSERT INTO tracking_records (process, key, stage, source, id, attempt, type, outcome, reason, field, occurred_at, origin_at, origin_from, received_at, class,
    correlation_id, identity, payload_hash, sign, digest, definition, data)
SELECT concat('process-', toString(intDiv(n, 2) % ${PROCESSES})), concat('ORD-', leftPad(toString(intDiv(n, 2)), 9, '0')), if(n % 2 = 0, 'shop', 'erp'), 'shop',
    concat('id-', toString(n)), 1, ['order', 'refund', 'change'][n % 3 + 1], 'stored', '', '', at, at, 'event', at, 'standard',
    concat('trace-', toString(intDiv(n, 2))), sipHash128(n), sipHash64(n), 1, 1, 1,
    concat('{"amount":', toString(n % 1000), ',"customer":{"id":"c-', toString(n % 5000), '"},"note":"', hex(sipHash128(n, 7)), '"}')
FROM (SELECT number AS n, toDateTime64('${month}-01 00:00:00', 6, 'UTC') + toIntervalSecond(intDiv(n * 2400000, ${rows})) AS at
      FROM numbers(${from}, ${Math.min(CHUNK, rows - from)}))`,
    });
}
