-- Which of these numbers two events or more have, of those that were stored since a time.
SELECT
    assumeNotNull(sequence) AS number,
    uniqExact(identity) AS events,
    toUnixTimestamp64Micro(min(received_at)) AS firstAt,
    toUnixTimestamp64Micro(max(received_at)) AS lastAt
FROM tracking_records
WHERE process = {process:String}
  AND source = {source:String}
  AND stage = {stage:String}
  AND received_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
  AND sequence BETWEEN {least:UInt64} AND {most:UInt64}
  AND outcome = 'stored'
  AND arrayExists((low, high) -> sequence BETWEEN low AND high, {lows:Array(UInt64)}, {highs:Array(UInt64)})
GROUP BY number
HAVING events > 1
ORDER BY number
LIMIT 10000
