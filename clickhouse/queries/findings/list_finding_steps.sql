-- What happened to one finding, oldest first.
SELECT toUnixTimestamp64Micro(at) AS doneAt, step, done_by AS doneBy, owner, cases, amount, currency, reason, alert
FROM finding_steps
WHERE finding = {finding:String}
ORDER BY at, step, done_by, alert
LIMIT 1 BY at, step, done_by, alert
LIMIT 10000
