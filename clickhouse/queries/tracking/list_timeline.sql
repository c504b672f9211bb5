-- Everything that was said about one key, in the order in which it happened. Its hours come from the projection by key, its rows from the primary key.
SELECT
    source,
    id,
    attempt,
    stage,
    type,
    outcome,
    toUnixTimestamp64Micro(occurred_at) AS occurredAt,
    toUnixTimestamp64Micro(origin_at) AS originAt,
    origin_from AS originFrom,
    occurred_text AS occurredText,
    occurred_note AS occurredNote,
    origin_text AS originText,
    origin_note AS originNote,
    toUnixTimestamp64Micro(received_at) AS receivedAt,
    toUnixTimestamp64Micro(first_received_at) AS firstReceivedAt,
    toString(payload_hash) AS payloadHash,
    correlation_id AS correlationId,
    sequence,
    status,
    test,
    manual,
    synthetic,
    attributes,
    contract_version AS contractVersion,
    if(reason = 'contract_violation', field, '') AS breach,
    categories,
    sensitivity,
    data
FROM tracking_records
WHERE process = {process:String}
  AND key = {key:String}
  AND origin_hour IN
  (
      SELECT toStartOfHour(toDateTime(origin_at, 'UTC'))
      FROM tracking_records
      WHERE process = {process:String} AND key = {key:String}
      GROUP BY process, key, origin_at, origin_from, outcome
  )
  AND outcome IN ('stored', 'conflict')
  AND (occurred_at, source, id, attempt, received_at, payload_hash) > (
      fromUnixTimestamp64Micro({afterAt:Int64}, 'UTC'), {afterSource:String}, {afterId:String}, {afterAttempt:UInt16}, fromUnixTimestamp64Micro({afterReceived:Int64}, 'UTC'), {afterHash:UInt64}
  )
ORDER BY occurred_at, source, id, attempt, received_at, payload_hash
LIMIT {limit:UInt32}
