-- Forgets events that time was counted from of keys of which no record is left.
DELETE FROM retention_starts
WHERE process IN {processes:Array(String)}
  AND (process, key) NOT IN (SELECT process, key FROM tracking_records WHERE process IN {processes:Array(String)})
