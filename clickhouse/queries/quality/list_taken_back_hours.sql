-- In which hours since a time keys came of which in [from, to) something was taken back, or came again after that: what was measured of those hours may not be
-- so any more. What only moved to another origin was not taken back.
WITH touched AS
(
    SELECT DISTINCT process, key
    FROM tracking_records
    WHERE received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND received_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND (outcome = 'retraction' OR outcome = 'stored' AND sign = 1 AND attempt > 1)
)
SELECT process, hour
FROM
(
    SELECT process, key, arrayJoin(arrayDistinct(arrayFlatten(groupArray(hours)))) AS hour
    FROM
    (
        SELECT
            process,
            key,
            groupUniqArrayIf(
                toInt64(toUnixTimestamp(toStartOfHour(toDateTime(received_at, 'UTC')))) * 1000000,
                outcome = 'stored' AND sign = 1 AND received_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
            ) AS hours,
            sumIf(sign, outcome IN ('retraction', 'restatement')) AS taken
        FROM tracking_records
        WHERE origin_hour IN
          (
              SELECT toStartOfHour(toDateTime(origin_at, 'UTC'))
              FROM tracking_records
              WHERE (process, key) IN touched
              GROUP BY process, key, origin_at, origin_from, outcome
          )
          AND (process, key) IN touched
          AND sign != 0
          AND received_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
        GROUP BY process, key, stage
    )
    GROUP BY process, key
    HAVING min(taken) < 0
)
GROUP BY process, hour
ORDER BY hour, process
LIMIT 1000000
