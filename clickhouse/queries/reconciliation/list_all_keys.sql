-- Every key of a window: for when digests were made of another definition of the process and say nothing.
SELECT key
FROM tracking_records
WHERE process = {process:String}
  AND origin_hour >= toStartOfHour(fromUnixTimestamp64Micro({from:Int64}, 'UTC'))
  AND origin_hour < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND origin_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND origin_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND sign != 0
GROUP BY origin_hour, key
SETTINGS optimize_aggregation_in_order = 1, optimize_use_projections = 0
