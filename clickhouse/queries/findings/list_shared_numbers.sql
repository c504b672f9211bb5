-- Which of these numbers two events or more have, of those that were stored in [since, to], as ranges without holes.
SELECT
    min(number) AS low,
    max(number) AS high,
    sum(events) AS events,
    toUnixTimestamp64Micro(min(first_at)) AS firstAt,
    toUnixTimestamp64Micro(max(last_at)) AS lastAt
FROM
(
    SELECT *, number - row_number() OVER (ORDER BY number) AS island
    FROM
    (
        SELECT assumeNotNull(sequence) AS number, uniqExact(identity) AS events, min(received_at) AS first_at, max(received_at) AS last_at
        FROM tracking_records
        WHERE process = {process:String}
          AND source = {source:String}
          AND stage = {stage:String}
          AND received_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
          AND received_at <= fromUnixTimestamp64Micro({to:Int64}, 'UTC')
          AND sequence BETWEEN {least:UInt64} AND {most:UInt64}
          AND outcome = 'stored'
          AND arrayExists((low, high) -> sequence BETWEEN low AND high, {lows:Array(UInt64)}, {highs:Array(UInt64)})
        GROUP BY number
        HAVING events > 1
    )
)
GROUP BY island
ORDER BY low
LIMIT 100000
