-- The story of a window, newest first.
SELECT state, revision, by, reason_id AS reasonId, alert_id AS alertId, toUnixTimestamp64Micro(at) AS at,
       if(isNull(deadline), NULL, toUnixTimestamp64Micro(assumeNotNull(deadline))) AS deadline
FROM window_transitions FINAL
WHERE reconciliation = {reconciliation:String}
ORDER BY window_transitions.at DESC, seq DESC
LIMIT 10000
