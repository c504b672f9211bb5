-- Records that were received under these identities (128 bits each, in hexadecimal) since a time, and are no resends.
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
    reason AS became
FROM tracking_records
WHERE tracking_records.outcome IN ('stored', 'quarantined', 'sampled_out', 'released')
  AND tracking_records.received_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
  AND tracking_records.identity IN asked
