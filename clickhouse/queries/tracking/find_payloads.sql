-- What the senders of these stored events said, to tell a reformatted resend from a conflict. Hours and keys lead to them by the primary key.
SELECT
    lower(hex(identity)) AS identity,
    attempt,
    type,
    toUnixTimestamp64Micro(occurred_at) AS occurredAt,
    if(origin_from = 'event', toUnixTimestamp64Micro(origin_at), NULL) AS originAt,
    correlation_id AS correlationId,
    sequence,
    status,
    test,
    manual,
    synthetic,
    attributes,
    data
FROM tracking_records
WHERE process = {process:String}
  AND origin_hour IN {hours:Array(DateTime('UTC'))}
  AND key IN {keys:Array(String)}
  AND lower(hex(identity)) IN {identities:Array(String)}
  AND outcome = 'stored'
