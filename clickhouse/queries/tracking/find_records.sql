-- Records that were received under these identities (128 bits each, in hexadecimal) and are no resends: from the projection that is ordered by them, and from
-- what is left of those whose partition was dropped. Of these the key is not known any more.
WITH asked AS
(
    SELECT toFixedString(substring(unhex({identities:String}), number * 16 + 1, 16), 16)
    FROM numbers(intDiv(length({identities:String}), 32))
)
SELECT
    lower(hex(identity)) AS identity,
    attempt,
    lower(hex(reinterpretAsFixedString(payload_hash))) AS payloadHash,
    process,
    stage,
    key,
    toUnixTimestamp64Micro(origin_at) AS originAt,
    if(outcome = 'sampled_out', 'sampledOut', toString(outcome)) AS outcome,
    reason AS became,
    0 AS isPurged
FROM tracking_records
WHERE tracking_records.outcome IN ('stored', 'quarantined', 'sampled_out', 'released') AND tracking_records.identity IN asked
UNION ALL
SELECT
    lower(hex(identity)),
    attempt,
    lower(hex(reinterpretAsFixedString(payload_hash))),
    process,
    stage,
    '',
    toUnixTimestamp64Micro(origin_at),
    if(outcome = 'sampled_out', 'sampledOut', toString(outcome)),
    reason,
    1
FROM tracking_identities
WHERE tracking_identities.identity IN asked
