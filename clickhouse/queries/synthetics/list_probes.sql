-- Probes of a synthetic transaction before a time, the newest first.
SELECT
    toUnixTimestamp64Micro(at) AS instant,
    version,
    process,
    key,
    state,
    stage,
    hop,
    fault,
    took
FROM probes FINAL
WHERE synthetic = {synthetic:String} AND at < fromUnixTimestamp64Micro({before:Int64}, 'UTC')
ORDER BY at DESC
LIMIT {limit:UInt32}
