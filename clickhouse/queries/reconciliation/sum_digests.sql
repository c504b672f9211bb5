-- Count and digest of each stage of a window, and when its last event happened; read from the digests by minute, not from the events.
SELECT
    stage,
    definition,
    sum(sign) AS events,
    sum(digest) AS digestSum,
    toUnixTimestamp64Micro(max(if(sign > 0, occurred_at, toDateTime64(0, 6, 'UTC')))) AS lastOccurredAt
FROM tracking_records
WHERE process = {process:String}
  AND toStartOfMinute(origin_at) >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND toStartOfMinute(origin_at) < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
GROUP BY stage, definition
HAVING events != 0 OR digestSum != 0
ORDER BY stage, definition
