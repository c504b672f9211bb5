-- Notices about a hold, each round once.
SELECT custodian, kind, round, argMax(hold_notices.outcome, sent_at) AS outcome, toUnixTimestamp64Micro(max(sent_at)) AS at
FROM hold_notices
WHERE hold = {hold:String}
GROUP BY custodian, kind, round
ORDER BY custodian, kind, round
