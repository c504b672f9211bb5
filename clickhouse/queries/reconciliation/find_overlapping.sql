-- A window of the process that shares time with [from, to): the one with exactly these bounds before any other.
SELECT reconciliation
FROM windows
WHERE process = {process:String}
  AND window_from < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND window_to > fromUnixTimestamp64Micro({from:Int64}, 'UTC')
ORDER BY window_from = fromUnixTimestamp64Micro({from:Int64}, 'UTC') AND window_to = fromUnixTimestamp64Micro({to:Int64}, 'UTC') DESC
LIMIT 1
