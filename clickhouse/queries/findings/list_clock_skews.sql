-- How far the clocks of these sources were ahead, by hour, oldest first; of all sources where none is named.
SELECT source, toUnixTimestamp(hour) * 1000000 AS hour, skew AS offset, uncertainty, samples
FROM clock_skews
WHERE (empty({sources:Array(String)}) OR source IN {sources:Array(String)})
  AND hour >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND hour <= fromUnixTimestamp64Micro({to:Int64}, 'UTC')
ORDER BY source, hour, measured_to DESC
LIMIT 1 BY source, hour
LIMIT 100000
