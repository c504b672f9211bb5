-- The stewards' queues: what waits, by owner and reason, and since when; of one assignee, or of nobody, where that is asked.
SELECT owner, tracking_records.reason AS code, count() AS items, toUnixTimestamp64Micro(min(received_at)) AS oldest
FROM tracking_records
WHERE class = 'quarantine'
  AND outcome = 'quarantined'
  AND (tracking_records.identity, payload_hash) NOT IN
      (SELECT identity, payload_hash FROM quarantine_steps WHERE step IN ('released', 'discarded'))
  AND ({assignee:String} = '' OR (tracking_records.identity, payload_hash) IN
      (
          SELECT identity, payload_hash
          FROM quarantine_steps
          WHERE {assignee:String} != '' AND step = 'assigned'
          GROUP BY identity, payload_hash
          HAVING argMax(assignee, at) = {assignee:String}
      ))
  AND (NOT {unassigned:Bool} OR (tracking_records.identity, payload_hash) NOT IN
      (
          SELECT identity, payload_hash
          FROM quarantine_steps
          WHERE {unassigned:Bool} AND step = 'assigned'
          GROUP BY identity, payload_hash
          HAVING argMax(assignee, at) != ''
      ))
GROUP BY owner, code
ORDER BY owner, code
LIMIT 1000
