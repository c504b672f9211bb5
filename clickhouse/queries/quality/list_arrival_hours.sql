-- In which hours something came to a process, of those in [from, to).
SELECT process, toInt64(toUnixTimestamp(hour)) * 1000000 AS hour
FROM
(
    SELECT process, toStartOfHour(toDateTime(received_at, 'UTC')) AS hour
    FROM tracking_records
    WHERE received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND received_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND outcome = 'stored'
      AND sign = 1
)
GROUP BY process, hour
ORDER BY hour, process
LIMIT 1000000
