-- Why people decided as they did, and until when it holds.
SELECT decision, reason, toUnixTimestamp64Micro(expires_at) AS expiresAt
FROM decision_proposals FINAL
WHERE decision IN {decisions:Array(String)}
