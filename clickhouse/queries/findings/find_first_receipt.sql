-- When the first of the records came that were received in (from, to].
SELECT toUnixTimestamp64Micro(min(tracking_records.received_at)) AS at
FROM tracking_records
WHERE tracking_records.received_at > fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND tracking_records.received_at <= fromUnixTimestamp64Micro({to:Int64}, 'UTC')
HAVING count() > 0
