-- The stories of alerts. LIMIT 1 BY drops what a retried write repeated and no merge has folded yet.
SELECT
    alert_id AS alertId,
    seq,
    kind,
    toUnixTimestamp64Micro(at) AS at,
    level,
    repeat,
    target,
    routing_key AS routingKey,
    channel,
    person,
    dedup_key AS dedupKey,
    code,
    by,
    via,
    reason,
    toUnixTimestamp64Micro(until) AS until,
    revision
FROM alert_transitions
WHERE alert_id IN {ids:Array(String)}
ORDER BY alert_id, seq
LIMIT 1 BY alert_id, seq
