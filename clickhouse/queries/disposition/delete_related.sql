-- Deletes discrepancies of keys of a process of which no record is left, as far as they are about what happened in a span.
DELETE FROM discrepancies
WHERE reconciliation IN (SELECT reconciliation FROM windows WHERE process IN {processes:Array(String)})
  AND since >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND since < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND key NOT IN (SELECT key FROM tracking_records WHERE process IN {processes:Array(String)})
