-- Records that were to leave quarantine, and whether it is not known what came of it; or all departures of these records, when some are named.
SELECT
    item,
    toUnixTimestamp64Micro(received_at) AS receivedAt,
    toUnixTimestamp64Micro(at) AS at,
    done_by AS by,
    outcome,
    reason,
    replay
FROM quarantine_steps
WHERE step = 'leaving'
  AND ({items:String} = '' OR (identity, payload_hash) IN
      (
          SELECT
              toFixedString(substring(unhex({items:String}), number * 24 + 1, 16), 16),
              reinterpretAsUInt64(substring(unhex({items:String}), number * 24 + 17, 8))
          FROM numbers(intDiv(length({items:String}), 48))
      ))
  AND ({items:String} != '' OR (identity, payload_hash, quarantine_steps.at) NOT IN
      (
          SELECT identity, payload_hash, at
          FROM quarantine_steps
          WHERE {items:String} = '' AND step IN ('released', 'discarded', 'still_bad', 'gone', 'stayed')
      ))
ORDER BY received_at, identity, payload_hash, quarantine_steps.at DESC
LIMIT 1 BY identity, payload_hash, quarantine_steps.at
LIMIT 10000
