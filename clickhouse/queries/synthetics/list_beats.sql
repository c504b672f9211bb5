-- Beats of all heartbeats, or of one.
SELECT heartbeat, sum(heartbeat_beats.beats) AS beats, toUnixTimestamp64Micro(max(heartbeat_beats.last_at)) AS lastAt
FROM heartbeat_beats
WHERE {heartbeat:String} = '' OR heartbeat = {heartbeat:String}
GROUP BY heartbeat
ORDER BY heartbeat
LIMIT 100000
