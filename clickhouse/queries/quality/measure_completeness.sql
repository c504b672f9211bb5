-- Keys that first came to one of the stages that a process begins at in [from, to), by quarter of an hour, and how many of them had come to its end within the time: to one stage of each group. A key's
-- hours come from the projection by key, its rows from the primary key. What was taken back has not come.
WITH arrived AS
(
    SELECT DISTINCT key
    FROM tracking_records
    WHERE process = {process:String}
      AND stage IN {first:Array(String)}
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
        arrayMin(arrayFilter(at -> at != 0, arrayMap(one -> seen[one], {first:Array(String)}))) AS started,
        arrayMap(group -> arrayMin(arrayFilter(at -> at != 0, arrayMap(one -> seen[one], group))), {last:Array(Array(String))}) AS ends,
        if(has(ends, 0), 0, arrayMax(ends)) AS reached
    FROM
    (
        SELECT key, mapFromArrays(groupArray(stage), groupArray(came)) AS seen
        FROM
        (
            SELECT
                key,
                toString(stage) AS stage,
                minIf(toUnixTimestamp64Micro(received_at), outcome = 'stored' AND sign = 1) AS came
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
              AND has(arrayConcat({first:Array(String)}, arrayFlatten({last:Array(Array(String))})), tracking_records.stage)
              AND sign != 0
              AND received_at < fromUnixTimestamp64Micro({asOf:Int64}, 'UTC')
            GROUP BY key, stage
            HAVING sum(sign) > 0
        )
        GROUP BY key
    )
)
WHERE started >= {from:Int64} AND started < {to:Int64}
GROUP BY at
ORDER BY at
SETTINGS max_bytes_before_external_group_by = 1000000000
