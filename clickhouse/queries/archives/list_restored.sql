-- Restored records of a key or of all, in their order, from a place on.
SELECT
    process,
    key,
    stage,
    source,
    id,
    attempt,
    type,
    outcome,
    toUnixTimestamp64Micro(occurred_at) AS occurredAt,
    toUnixTimestamp64Micro(origin_at) AS originAt,
    toUnixTimestamp64Micro(received_at) AS receivedAt,
    correlation_id AS correlationId,
    sign,
    categories,
    sensitivity,
    data,
    is_erased AS isErased
FROM archive_restored_records
WHERE restore = {restore:String}
    AND ({process:String} = '' OR process = {process:String})
    AND ({key:String} = '' OR key = {key:String})
ORDER BY process, key, stage, received_at, source, id, attempt, outcome, sign
LIMIT {limit:UInt32} OFFSET {skip:UInt64}
