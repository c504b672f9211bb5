-- The window that was opened with exactly these bounds.
SELECT reconciliation, opened_by AS openedBy, toUnixTimestamp64Micro(opened_at) AS openedAt, scheduled
FROM windows
WHERE process = {process:String}
  AND window_from = fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND window_to = fromUnixTimestamp64Micro({to:Int64}, 'UTC')
ORDER BY opened_at
LIMIT 1
