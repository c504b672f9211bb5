-- When the first and the last record was received that is no resend, from `from` on.
SELECT toUnixTimestamp64Micro(min(received_at)) AS first, toUnixTimestamp64Micro(max(received_at)) AS last
FROM tracking_records
WHERE outcome IN ('stored', 'quarantined', 'sampled_out', 'released')
  AND received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
HAVING count() > 0
