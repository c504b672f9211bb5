-- What was counted of a measure in [from, to), by quarter of an hour.
SELECT toInt64(toUnixTimestamp(bucket)) * 1000000 AS at, argMax(objective_measures.good, measured_to) AS good, argMax(objective_measures.total, measured_to) AS total
FROM objective_measures
WHERE measure = {measure:String}
  AND bucket >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND bucket < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
GROUP BY bucket
ORDER BY bucket
