-- As sum_digests, hour by hour: where nothing differs no key needs to be looked at.
SELECT
    hour,
    stage,
    definition,
    sum(added) AS events,
    sum(summed) AS digestSum,
    max(lastAt) AS lastOccurredAt
FROM
(
    SELECT
        toInt64(toUnixTimestamp(toStartOfHour(toStartOfMinute(origin_at)))) * 1000000 AS hour,
        stage,
        definition,
        sum(sign) AS added,
        sum(digest) AS summed,
        toUnixTimestamp64Micro(max(if(sign > 0, occurred_at, toDateTime64(0, 6, 'UTC')))) AS lastAt
    FROM tracking_records
    WHERE process = {process:String}
      AND toStartOfMinute(origin_at) >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND toStartOfMinute(origin_at) < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
    GROUP BY toStartOfMinute(origin_at), stage, definition
)
GROUP BY hour, stage, definition
HAVING events != 0 OR digestSum != 0
ORDER BY hour, stage, definition
