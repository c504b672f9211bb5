-- The story of one alert. LIMIT 1 BY drops what a retried write repeated and no merge has folded yet.
SELECT
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
WHERE alert_id = {id:String}
ORDER BY seq
LIMIT 1 BY seq
