-- Arrivals at a stage in [from, to): the first, the last, and times without any that are longer than so many microseconds.
SELECT
    min(arrived) AS first,
    max(arrived) AS last,
    arraySort(groupArrayIf((before, arrived), before != 0 AND arrived - before > {longest:Int64})) AS silences
FROM
(
    SELECT arrived, lagInFrame(arrived, 1, toInt64(0)) OVER (ORDER BY arrived ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS before
    FROM
    (
        SELECT DISTINCT toUnixTimestamp64Micro(received_at) AS arrived
        FROM tracking_records
        WHERE process = {process:String}
          AND stage = {stage:String}
          AND received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
          AND received_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
          AND outcome = 'stored'
          AND sign = 1
    )
)
HAVING count() > 0
