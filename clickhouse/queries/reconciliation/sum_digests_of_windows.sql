-- Count and digest of each stage of several windows of a process that share no time, from the digests by minute between the first and the last of them.
SELECT from, stage, definition, sum(added) AS events, sum(summed) AS digestSum
FROM
(
    SELECT 1 AS one, toInt64(toUnixTimestamp(toStartOfMinute(origin_at))) * 1000000 AS minute, stage, definition, sum(sign) AS added, sum(digest) AS summed
    FROM tracking_records
    WHERE process = {process:String}
      AND toStartOfMinute(origin_at) >= fromUnixTimestamp64Micro({first:Int64}, 'UTC')
      AND toStartOfMinute(origin_at) < fromUnixTimestamp64Micro({last:Int64}, 'UTC')
    GROUP BY toStartOfMinute(origin_at), stage, definition
) AS m
ASOF INNER JOIN
(
    SELECT 1 AS one, tupleElement(bounds, 1) AS from, tupleElement(bounds, 2) AS to
    FROM (SELECT arrayJoin(arrayZip({froms:Array(Int64)}, {tos:Array(Int64)})) AS bounds)
) AS w ON m.one = w.one AND m.minute >= w.from
WHERE minute < to
GROUP BY from, stage, definition
HAVING events != 0 OR digestSum != 0
