-- What was done with one quarantined record, oldest first; not what patches made of it, and not what is noted for the time of a crash alone.
SELECT toUnixTimestamp64Micro(at) AS doneAt, step, done_by AS doneBy, assignee, outcome, code, field, reason, replay
FROM quarantine_steps
WHERE received_at = fromUnixTimestamp64Micro({receivedAt:Int64}, 'UTC')
  AND item = {item:String}
  AND step IN ('assigned', 'patched', 'still_bad', 'released', 'discarded')
ORDER BY at, step
LIMIT 1 BY at, step
LIMIT 1000
