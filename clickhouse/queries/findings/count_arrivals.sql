-- Records that were first received in [from, to) by source and ten minutes, resends and probes apart: a path that is tried is no business, and would hide that there is none. What came out of quarantine was counted when it went in.
SELECT source, process, toUnixTimestamp(bucket) * 1000000 AS bucket, count() AS arrivals
FROM
(
    SELECT source, process, toStartOfTenMinutes(toDateTime(received_at, 'UTC')) AS bucket
    FROM tracking_records
    WHERE received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND received_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND first_received_at = received_at
      AND outcome IN ('stored', 'conflict', 'quarantined', 'rejected', 'sampled_out')
      AND process != ''
      AND NOT synthetic
)
GROUP BY source, process, bucket
ORDER BY source, process, bucket
LIMIT 1000000
