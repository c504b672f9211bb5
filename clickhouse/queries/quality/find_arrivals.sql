-- When something first and last came to a stage before a time.
SELECT toUnixTimestamp64Micro(min(received_at)) AS first, toUnixTimestamp64Micro(max(received_at)) AS last
FROM tracking_records
WHERE process = {process:String}
  AND stage = {stage:String}
  AND received_at < fromUnixTimestamp64Micro({before:Int64}, 'UTC')
  AND outcome = 'stored'
  AND sign = 1
HAVING count() > 0
