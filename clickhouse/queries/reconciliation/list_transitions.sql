-- The story of a window, oldest first.
SELECT state, revision, by, reason_id AS reasonId, alert_id AS alertId, toUnixTimestamp64Micro(at) AS at, run, seq
FROM window_transitions FINAL
WHERE reconciliation = {reconciliation:String}
ORDER BY window_transitions.at, seq
LIMIT 10000
