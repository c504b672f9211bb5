-- Keys of a window whose stages do not have equal digests. Weights add up to nothing, so that the weighted sum of equal digests is 0 (docs/adr/0003); keys
-- and hours stand in the table's order, so that it is read once, in order, and nothing is kept but the key at hand.
SELECT key
FROM tracking_records
WHERE process = {process:String}
  AND origin_hour >= toStartOfHour(fromUnixTimestamp64Micro({from:Int64}, 'UTC'))
  AND origin_hour < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND origin_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND origin_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
GROUP BY origin_hour, key
HAVING sum(digest * transform(stage, {stages:Array(String)}, {weights:Array(Int64)}, toInt64(0))) != 0
SETTINGS optimize_aggregation_in_order = 1, optimize_use_projections = 0
