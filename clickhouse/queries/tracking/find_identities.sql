-- All that is kept for ever of these identities (128 bits each, in hexadecimal).
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
    toUnixTimestamp64Micro(origin_at) AS originAt,
    if(outcome = 'sampled_out', 'sampledOut', toString(outcome)) AS outcome,
    reason AS became
FROM tracking_identities
WHERE tracking_identities.identity IN asked
