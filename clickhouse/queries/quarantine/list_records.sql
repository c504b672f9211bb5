-- What the records of a page hold now: as the newest patch left them, or as they came.
WITH asked AS
(
    SELECT
        toFixedString(substring(unhex({items:String}), number * 24 + 1, 16), 16),
        reinterpretAsUInt64(substring(unhex({items:String}), number * 24 + 17, 8))
    FROM numbers(intDiv(length({items:String}), 48))
)
SELECT
    concat(lower(hex(records.identity)), '-', lower(hex(reinterpretAsFixedString(records.payload_hash)))) AS item,
    base64Encode(if(patches.isPatched, patches.record, records.data)) AS record
FROM
(
    SELECT identity, payload_hash, data
    FROM tracking_records
    WHERE class = 'quarantine'
      AND outcome = 'quarantined'
      AND received_at >= fromUnixTimestamp64Micro({first:Int64}, 'UTC')
      AND received_at <= fromUnixTimestamp64Micro({last:Int64}, 'UTC')
      AND (identity, payload_hash) IN asked
) AS records
LEFT JOIN
(
    SELECT identity, payload_hash, argMax(record, at) AS record, true AS isPatched
    FROM quarantine_steps
    WHERE step = 'patched'
      AND received_at >= fromUnixTimestamp64Micro({first:Int64}, 'UTC')
      AND received_at <= fromUnixTimestamp64Micro({last:Int64}, 'UTC')
      AND (identity, payload_hash) IN asked
    GROUP BY identity, payload_hash
) AS patches USING (identity, payload_hash)
