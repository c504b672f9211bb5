-- Quarantined records with what was done with them, oldest first: the partitions of their class hold nothing else.
SELECT
    item,
    identity,
    payloadHash,
    attempt,
    source,
    process,
    type,
    key,
    owner,
    form,
    code,
    field,
    correlationId,
    receivedAt,
    assignee,
    multiIf(left_as = 'discarded', 'discarded', left_as = 'released', 'released', was_patched, 'patched', 'open') AS state,
    became
FROM
(
    SELECT
        concat(lower(hex(tracking_records.identity)), '-', lower(hex(reinterpretAsFixedString(payload_hash)))) AS item,
        lower(hex(tracking_records.identity)) AS identity,
        lower(hex(reinterpretAsFixedString(payload_hash))) AS payloadHash,
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
        toUnixTimestamp64Micro(received_at) AS receivedAt
    FROM tracking_records
    WHERE class = 'quarantine'
      AND outcome = 'quarantined'
      AND ({owner:String} = '' OR owner = {owner:String})
      AND ({source:String} = '' OR source = {source:String})
      AND ({process:String} = '' OR process = {process:String})
      AND ({type:String} = '' OR type = {type:String})
      AND ({code:String} = '' OR reason = {code:String})
      AND ({field:String} = '' OR field = {field:String} OR startsWith(field, concat({field:String}, '.')))
      AND ({text:String} = '' OR positionCaseInsensitiveUTF8(data, {text:String}) > 0)
      AND (empty({items:Array(String)}) OR has({items:Array(String)}, concat(lower(hex(identity)), '-', lower(hex(reinterpretAsFixedString(payload_hash))))))
) AS records
LEFT JOIN
(
    SELECT
        item,
        argMaxIf(assignee, at, step = 'assigned') AS assignee,
        countIf(step = 'patched') > 0 AS was_patched,
        toString(maxIf(step, step IN ('released', 'discarded'))) AS left_as,
        argMaxIf(outcome, at, step = 'released') AS became
    FROM quarantine_steps
    GROUP BY item
) AS steps USING (item)
WHERE ({state:String} = '' OR state = {state:String} OR ({state:String} = 'waiting' AND state IN ('open', 'patched')))
  AND ({assignee:String} = '' OR assignee = {assignee:String})
  AND (receivedAt, item) > ({afterAt:Int64}, {after:String})
  AND receivedAt <= {until:Int64}
ORDER BY receivedAt, item
LIMIT {limit:UInt32}
