-- What the sender of one stored record said, to tell a reformatted resend from a conflict.
SELECT
    type,
    toUnixTimestamp64Micro(occurred_at) AS occurredAt,
    if(origin_from = 'event', toUnixTimestamp64Micro(origin_at), NULL) AS originAt,
    correlation_id AS correlationId,
    sequence,
    status,
    class,
    data
FROM tracking_records
WHERE process = {process:String}
  AND origin_hour = toStartOfHour(fromUnixTimestamp64Micro({originAt:Int64}, 'UTC'))
  AND key = {key:String}
  AND identity = unhex({identity:String})
  AND attempt = {attempt:UInt16}
  AND outcome = 'stored'
LIMIT 1
