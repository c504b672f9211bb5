-- Which of these numbers were received since a time, as ranges without holes.
SELECT min(number) AS low, max(number) AS high
FROM
(
    SELECT number, number - row_number() OVER (ORDER BY number) AS island
    FROM
    (
        SELECT DISTINCT assumeNotNull(sequence) AS number
        FROM tracking_records
        WHERE process = {process:String}
          AND source = {source:String}
          AND stage = {stage:String}
          AND received_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
          AND sequence BETWEEN {least:UInt64} AND {most:UInt64}
          AND outcome IN ('stored', 'conflict', 'quarantined', 'rejected', 'sampled_out')
          AND arrayExists((low, high) -> sequence BETWEEN low AND high, {lows:Array(UInt64)}, {highs:Array(UInt64)})
    )
)
GROUP BY island
ORDER BY low
LIMIT 100000
