-- What is known of the silence of all heartbeats, or of one.
SELECT
    heartbeat,
    round,
    beats,
    toUnixTimestamp64Micro(watched_at) AS watchedAt,
    toUnixTimestamp64Micro(since) AS sinceAt,
    silent_for AS silentFor,
    alert
FROM heartbeat_watches FINAL
WHERE {heartbeat:String} = '' OR heartbeat = {heartbeat:String}
ORDER BY heartbeat
LIMIT 100000
