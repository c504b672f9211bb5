-- Rows of these keys that count now: added and not taken back. Hours and keys lead to them by the primary key.
SELECT
    process,
    key,
    stage,
    source,
    id,
    lower(hex(identity)) AS identity,
    attempt,
    type,
    toUnixTimestamp64Micro(occurred_at) AS occurredAt,
    toUnixTimestamp64Micro(origin_at) AS originAt,
    origin_from AS originFrom,
    digest * sign AS digest,
    definition,
    agreed,
    contract_version AS contractVersion,
    weight,
    manual,
    toUnixTimestamp64Micro(first_received_at) AS firstReceivedAt
FROM tracking_records
WHERE process = {process:String}
  AND origin_hour IN {hours:Array(DateTime('UTC'))}
  AND key IN {keys:Array(String)}
  AND sign != 0
GROUP BY ALL
HAVING sum(sign) > 0
