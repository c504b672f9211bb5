-- Windows that ended in a span of time, in the table's order after a place in it: a page is read, whatever the table holds.
SELECT process, toUnixTimestamp64Micro(window_from) AS from, toUnixTimestamp64Micro(window_to) AS to, reconciliation
FROM windows
WHERE process >= {afterProcess:String}
  AND (process, window_from, window_to) > ({afterProcess:String}, fromUnixTimestamp64Micro({afterFrom:Int64}, 'UTC'), fromUnixTimestamp64Micro({afterTo:Int64}, 'UTC'))
  AND window_to >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
  AND window_to < fromUnixTimestamp64Micro({before:Int64}, 'UTC')
ORDER BY process, window_from, window_to
LIMIT 1 BY process, window_from, window_to
LIMIT {limit:UInt32}
