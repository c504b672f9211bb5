-- The events of these keys that count, key by key: what was added and not taken back, in all hours of the window. Only of late ones the time is told, so that
-- a key of which the same is told over and over takes few rows.
SELECT
    key,
    stage,
    agreed,
    if(occurred_at > fromUnixTimestamp64Micro({deadline:Int64}, 'UTC'), toUnixTimestamp64Micro(occurred_at), 0) AS lateAt,
    sum(sign) AS events,
    toUnixTimestamp64Micro(min(if(sign > 0, occurred_at, toDateTime64('2200-01-01 00:00:00', 6, 'UTC')))) AS at
FROM tracking_records
WHERE process = {process:String}
  AND origin_hour >= toStartOfHour(fromUnixTimestamp64Micro({from:Int64}, 'UTC'))
  AND origin_hour < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND origin_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND origin_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND key IN {keys:Array(String)}
  AND sign != 0
GROUP BY key, stage, agreed, lateAt
HAVING events > 0
ORDER BY key, stage, agreed
SETTINGS optimize_use_projections = 0
