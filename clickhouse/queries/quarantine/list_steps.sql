-- What was done with one quarantined record, oldest first; not what patches made of it.
SELECT toUnixTimestamp64Micro(at) AS doneAt, step, done_by AS doneBy, assignee, outcome, code, field, reason, replay
FROM quarantine_steps
WHERE item = {item:String}
ORDER BY at, step
LIMIT 1 BY at, step
LIMIT 1000
