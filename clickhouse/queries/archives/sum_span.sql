-- How many rows of a partition are in a span of it, the sum of their hashes over every column, and the bounds of the main ones; counted on the rows themselves, not on what was exported of them.
SELECT
    count() AS rows,
    sum(cityHash64(
        process, key, stage, source, id, attempt, type, toString(outcome), reason, field, occurred_at, occurred_text, toString(occurred_note),
        origin_at, toString(origin_from), origin_text, toString(origin_note), received_at, first_received_at, correlation_id, sequence IS NULL, ifNull(sequence, 0),
        toString(status), toString(class), test, manual, synthetic, identity, payload_hash, sign, digest, definition, agreed, attributes,
        contract_version, weight, categories, sensitivity, owner, toString(form), data
    )) AS hash,
    countIf(categories != '' OR sensitivity != 'public') AS personal,
    min(process) AS minProcess,
    max(process) AS maxProcess,
    min(key) AS minKey,
    max(key) AS maxKey,
    toUnixTimestamp64Micro(min(origin_at)) AS minOriginAt,
    toUnixTimestamp64Micro(max(origin_at)) AS maxOriginAt,
    toUnixTimestamp64Micro(min(occurred_at)) AS minOccurredAt,
    toUnixTimestamp64Micro(max(occurred_at)) AS maxOccurredAt,
    toUnixTimestamp64Micro(min(received_at)) AS minReceivedAt,
    toUnixTimestamp64Micro(max(received_at)) AS maxReceivedAt
FROM tracking_records
WHERE class = {class:String}
    AND toYYYYMM(received_at) = {period:UInt32}
    AND (process, origin_hour) >= ({fromProcess:String}, toDateTime({fromHour:UInt32}, 'UTC'))
    AND (process, origin_hour) <= ({toProcess:String}, toDateTime({toHour:UInt32}, 'UTC'))
