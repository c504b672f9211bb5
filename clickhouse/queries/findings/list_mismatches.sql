-- Records received in (from, to] whose data is not what their digest says.
SELECT
    source,
    process,
    stage,
    count() AS records,
    toUnixTimestamp64Micro(min(received_at)) AS firstAt,
    toUnixTimestamp64Micro(max(received_at)) AS lastAt,
    any(type) AS type
FROM tracking_records
WHERE received_at > fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND received_at <= fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND tracking_records.reason = 'digest_mismatch'
  AND outcome IN ('stored', 'conflict', 'quarantined')
GROUP BY source, process, stage
ORDER BY source, process, stage
LIMIT 100000
