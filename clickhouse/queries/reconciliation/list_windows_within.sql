-- Windows of a process that share time with [from, to), in order after a place.
SELECT reconciliation, toUnixTimestamp64Micro(window_from) AS from, toUnixTimestamp64Micro(window_to) AS to
FROM windows
WHERE process = {process:String}
  AND window_from < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND window_to > fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND (window_from, reconciliation) > (fromUnixTimestamp64Micro({afterFrom:Int64}, 'UTC'), {afterId:String})
ORDER BY window_from, reconciliation
LIMIT 1 BY reconciliation
LIMIT {limit:UInt32}
