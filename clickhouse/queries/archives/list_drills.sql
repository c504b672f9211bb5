-- Drills, the newest first.
SELECT archive, toUnixTimestamp64Micro(at) AS atMicros, state, fault, rows, bytes, took_ms AS tookMs
FROM archive_drills FINAL
WHERE {archive:String} = '' OR archive = {archive:String}
ORDER BY at DESC, archive
LIMIT {limit:UInt32}
