-- When the first of the records came that were received in [from, to).
SELECT toUnixTimestamp64Micro(min(received_at)) AS at
FROM tracking_records
WHERE received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND received_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND outcome = 'stored'
HAVING count() > 0
