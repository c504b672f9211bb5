-- How far the schedule of a process has come.
SELECT toUnixTimestamp64Micro(max(window_to)) AS reached, count() AS windows
FROM windows
WHERE process = {process:String} AND scheduled
