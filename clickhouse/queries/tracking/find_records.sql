-- Stored records of the events with these identities (128 bits each, in hexadecimal), from the projection that is ordered by them.
SELECT
    lower(hex(identity)) AS identity,
    attempt,
    lower(hex(reinterpretAsFixedString(payload_hash))) AS payloadHash,
    process,
    stage,
    key,
    toUnixTimestamp64Micro(origin_at) AS originAt
FROM tracking_records
WHERE outcome = 'stored'
  AND identity IN
  (
      SELECT toFixedString(substring(unhex({identities:String}), number * 16 + 1, 16), 16)
      FROM numbers(intDiv(length({identities:String}), 32))
  )
