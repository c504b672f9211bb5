-- The least time from a source's stamps to receipt in [from, to), as two and ten in a hundred; what is older than a day is a backlog and no clock, and a probe may bear the time of whom it came from.
SELECT source, count() AS samples, quantilesExact(0.02, 0.1)(delay) AS ends
FROM
(
    SELECT source, toUnixTimestamp64Micro(first_received_at) - toUnixTimestamp64Micro(occurred_at) AS delay
    FROM tracking_records
    WHERE received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND received_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND outcome = 'stored'
      AND NOT synthetic
)
WHERE delay < 86400000000
GROUP BY source
ORDER BY source
LIMIT 100000
