-- Windows of a process that share time with [from, to).
SELECT DISTINCT toUnixTimestamp64Micro(window_from) AS from, toUnixTimestamp64Micro(window_to) AS to
FROM windows
WHERE process = {process:String}
  AND window_from < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND window_to > fromUnixTimestamp64Micro({from:Int64}, 'UTC')
