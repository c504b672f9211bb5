-- The newest minute that each stage of a process has reached, from its digests by minute.
SELECT stage, toInt64(toUnixTimestamp(max(minute))) * 1000000 AS reached
FROM
(
    SELECT stage, toStartOfMinute(origin_at) AS minute, sum(sign) AS events
    FROM tracking_records
    WHERE process = {process:String} AND toStartOfMinute(origin_at) >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
    GROUP BY stage, minute
    HAVING events > 0
)
GROUP BY stage
