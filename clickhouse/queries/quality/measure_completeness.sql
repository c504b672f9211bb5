-- Keys that first came to a process's first stage in [from, to), by quarter of an hour, and how many of them had come to its last within the time. A key's
-- hours come from the projection by key, its rows from the primary key. What was taken back has not come.
WITH arrived AS
(
    SELECT DISTINCT key
    FROM tracking_records
    WHERE process = {process:String}
      AND stage = {first:String}
      AND received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND received_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND outcome = 'stored'
      AND sign = 1
)
SELECT
    toInt64(toUnixTimestamp(toStartOfFifteenMinutes(fromUnixTimestamp64Micro(started, 'UTC')))) * 1000000 AS at,
    countIf(reached != 0 AND reached - started <= {within:Int64}) AS good,
    count() AS total
FROM
(
    SELECT
        key,
        minIf(toUnixTimestamp64Micro(received_at), stage = {first:String} AND outcome = 'stored' AND sign = 1) AS started,
        if(
            sumIf(sign, stage = {last:String}) > 0,
            minIf(toUnixTimestamp64Micro(received_at), stage = {last:String} AND outcome = 'stored' AND sign = 1),
            0
        ) AS reached
    FROM tracking_records
    WHERE process = {process:String}
      AND origin_hour IN
      (
          SELECT toStartOfHour(toDateTime(origin_at, 'UTC'))
          FROM tracking_records
          WHERE process = {process:String} AND key IN arrived
          GROUP BY process, key, origin_at, origin_from, outcome
      )
      AND key IN arrived
      AND stage IN ({first:String}, {last:String})
      AND sign != 0
      AND received_at < fromUnixTimestamp64Micro({asOf:Int64}, 'UTC')
    GROUP BY key
    HAVING sumIf(sign, stage = {first:String}) > 0
)
WHERE started >= {from:Int64} AND started < {to:Int64}
GROUP BY at
ORDER BY at
SETTINGS max_bytes_before_external_group_by = 1000000000
