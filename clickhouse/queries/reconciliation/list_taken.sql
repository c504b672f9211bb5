-- Time of a process after `since` that windows take already, whoever opened them.
SELECT DISTINCT toUnixTimestamp64Micro(window_from) AS from, toUnixTimestamp64Micro(window_to) AS to
FROM windows
WHERE process = {process:String} AND window_to > fromUnixTimestamp64Micro({since:Int64}, 'UTC')
