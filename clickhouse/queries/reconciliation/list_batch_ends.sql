-- When batches of a process ended, by the events that say so. The business day that such an event is about may be weeks before it.
SELECT DISTINCT toUnixTimestamp64Micro(occurred_at) AS at
FROM tracking_records
WHERE process = {process:String}
  AND stage = {stage:String}
  AND type = {type:String}
  AND origin_hour >= toStartOfHour(fromUnixTimestamp64Micro({since:Int64}, 'UTC')) - INTERVAL 31 DAY
  AND occurred_at > fromUnixTimestamp64Micro({since:Int64}, 'UTC')
  AND outcome = 'stored'
  AND status = 'ok'
  AND NOT test
ORDER BY at
LIMIT {limit:UInt32}
