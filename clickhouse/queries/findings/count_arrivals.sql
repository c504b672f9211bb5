-- Records that were first received in [from, to) by source and ten minutes, resends apart; from the projection of the account.
SELECT source, process, toUnixTimestamp(bucket) * 1000000 AS bucket, count() AS arrivals
FROM
(
    SELECT source, process, outcome, reason, toStartOfTenMinutes(toStartOfSecond(first_received_at)) AS bucket
    FROM tracking_records
    WHERE toStartOfSecond(first_received_at) >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND toStartOfSecond(first_received_at) < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND outcome IN ('stored', 'conflict', 'quarantined', 'rejected', 'sampled_out')
      AND process != ''
)
GROUP BY source, process, bucket
ORDER BY source, process, bucket
LIMIT 1000000
