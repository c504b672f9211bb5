-- Partitions that may be dropped: steps of months whose quarantined records have all gone, and replays that were asked for too long ago. The month that is
-- under way stays, and so does the one before.
SELECT DISTINCT 'quarantine_steps' AS table, _partition_id AS partition
FROM quarantine_steps
WHERE received_at < toStartOfMonth(fromUnixTimestamp64Micro({now:Int64}, 'UTC')) - INTERVAL 1 MONTH
  AND toYYYYMM(received_at) NOT IN
      (SELECT toYYYYMM(received_at) FROM tracking_records WHERE class = 'quarantine' AND outcome = 'quarantined')
UNION ALL
SELECT 'quarantine_replays', _partition_id
FROM quarantine_replays
GROUP BY _partition_id
HAVING max(asked_at) < fromUnixTimestamp64Micro({now:Int64}, 'UTC') - INTERVAL 90 DAY
