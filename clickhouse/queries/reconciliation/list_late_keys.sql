-- Keys of a window of which something happened after the window and its grace.
SELECT DISTINCT key
FROM tracking_records
WHERE process = {process:String}
  AND origin_hour >= toStartOfHour(fromUnixTimestamp64Micro({from:Int64}, 'UTC'))
  AND origin_hour < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND origin_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND origin_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND occurred_at > fromUnixTimestamp64Micro({deadline:Int64}, 'UTC')
  AND sign > 0
