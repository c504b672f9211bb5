-- Keys that came to a stage in [from, to), in the order of their bytes. What was taken back has not come. The sort is spilled to disk where it is large.
SELECT key
FROM tracking_records
WHERE process = {process:String}
  AND stage = {stage:String}
  AND received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND received_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND sign != 0
GROUP BY key
HAVING sum(sign) > 0
ORDER BY key
SETTINGS max_bytes_before_external_group_by = 500000000, max_bytes_before_external_sort = 500000000
