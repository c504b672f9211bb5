-- The events of these keys that count, stage by stage: what was added and not taken back.
SELECT key, stage, agreed, toUnixTimestamp64Micro(occurred_at) AS occurredAt, sum(sign) AS events
FROM tracking_records
WHERE process = {process:String}
  AND origin_hour >= toDateTime({fromHour:UInt32}, 'UTC')
  AND origin_hour <= toDateTime({toHour:UInt32}, 'UTC')
  AND origin_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND origin_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND key IN {keys:Array(String)}
  AND sign != 0
GROUP BY key, stage, agreed, occurred_at
HAVING events > 0
SETTINGS optimize_use_projections = 0
