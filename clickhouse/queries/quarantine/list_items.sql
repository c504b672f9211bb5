-- A page of quarantined records, oldest first: the partitions of their class hold nothing else. What was done with records counts only as far as it is asked for,
-- and from where the page begins.
SELECT
    concat(lower(hex(tracking_records.identity)), '-', lower(hex(reinterpretAsFixedString(tracking_records.payload_hash)))) AS item,
    lower(hex(tracking_records.identity)) AS identity,
    lower(hex(reinterpretAsFixedString(tracking_records.payload_hash))) AS payloadHash,
    attempt,
    source,
    process,
    type,
    key,
    owner,
    form,
    tracking_records.reason AS code,
    field,
    correlation_id AS correlationId,
    toUnixTimestamp64Micro(received_at) AS receivedAt,
    length(data) AS size
FROM tracking_records
WHERE class = 'quarantine'
  AND outcome = 'quarantined'
  AND received_at >= fromUnixTimestamp64Micro({afterAt:Int64}, 'UTC')
  AND received_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')
  AND (received_at, tracking_records.identity, payload_hash)
      > (fromUnixTimestamp64Micro({afterAt:Int64}, 'UTC'), toFixedString(unhex({afterIdentity:String}), 16), reinterpretAsUInt64(unhex({afterHash:String})))
  AND ({owner:String} = '' OR owner = {owner:String})
  AND ({source:String} = '' OR source = {source:String})
  AND ({process:String} = '' OR process = {process:String})
  AND ({type:String} = '' OR type = {type:String})
  AND ({code:String} = '' OR tracking_records.reason = {code:String})
  AND ({field:String} = '' OR field = {field:String} OR startsWith(field, concat({field:String}, '.')))
  AND ({text:String} = '' OR positionCaseInsensitiveUTF8(data, {text:String}) > 0)
  AND ({items:String} = '' OR (tracking_records.identity, payload_hash) IN
      (
          SELECT
              toFixedString(substring(unhex({items:String}), number * 24 + 1, 16), 16),
              reinterpretAsUInt64(substring(unhex({items:String}), number * 24 + 17, 8))
          FROM numbers(intDiv(length({items:String}), 48))
      ))
  AND (empty({without:Array(String)}) OR (tracking_records.identity, payload_hash) NOT IN
      (
          SELECT identity, payload_hash
          FROM quarantine_steps
          WHERE has({without:Array(String)}, toString(step))
            AND received_at >= fromUnixTimestamp64Micro({afterAt:Int64}, 'UTC')
            AND received_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')
      ))
  AND ({with:String} = '' OR (tracking_records.identity, payload_hash) IN
      (
          SELECT identity, payload_hash
          FROM quarantine_steps
          WHERE toString(step) = {with:String}
            AND received_at >= fromUnixTimestamp64Micro({afterAt:Int64}, 'UTC')
            AND received_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')
      ))
  AND ({assignee:String} = '' OR (tracking_records.identity, payload_hash) IN
      (
          SELECT identity, payload_hash
          FROM quarantine_steps
          WHERE {assignee:String} != ''
            AND step = 'assigned'
            AND received_at >= fromUnixTimestamp64Micro({afterAt:Int64}, 'UTC')
            AND received_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')
          GROUP BY identity, payload_hash
          HAVING argMax(assignee, at) = {assignee:String}
      ))
  AND (NOT {unassigned:Bool} OR (tracking_records.identity, payload_hash) NOT IN
      (
          SELECT identity, payload_hash
          FROM quarantine_steps
          WHERE {unassigned:Bool}
            AND step = 'assigned'
            AND received_at >= fromUnixTimestamp64Micro({afterAt:Int64}, 'UTC')
            AND received_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')
          GROUP BY identity, payload_hash
          HAVING argMax(assignee, at) != ''
      ))
ORDER BY received_at, tracking_records.identity, payload_hash
LIMIT {limit:UInt32}
